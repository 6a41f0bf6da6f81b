package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/prometheus/common/version"

	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/config"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/web"
	"datahub_exporter/source/ckafka"
)

// setup provides the inputs of the exporter: the configuration file, read at startup
// and at each reload, or a demo's cloud, and the push that flags, file and
// environment configure together. Its user must call close.
type setup struct {
	flags *cli.Options
	log   *slog.Logger
	demo  *demo // nil unless this is a demo

	otlp *otlp.Options // of the configuration that was read first
}

// newSetup returns the setup for the flags, after validating what is no part of the
// configuration file. If they ask for a demo, its cloud is running.
func newSetup(flags *cli.Options, log *slog.Logger) (s *setup, err error) {
	if err := cmp.Or(web.CheckConfigFile(*flags.Web.WebConfigFile), ckafka.CheckProxy(os.Getenv)); err != nil {
		return nil, err
	}
	for _, warning := range ckafka.Warnings(os.Getenv) {
		log.Warn(warning)
	}
	s = &setup{flags: flags, log: log}
	switch {
	case flags.Replay != "":
		s.demo, err = startReplay(flags.Replay, log)
	case flags.Demo:
		s.demo, err = startDemo(log)
	}
	return s, err
}

// close stops the cloud of the demo.
func (s *setup) close() {
	if s.demo != nil {
		s.demo.stop()
	}
}

// start returns the accounts to watch and the configured push, nil if there is none.
// It must be called once, before reload.
func (s *setup) start(ctx context.Context) ([]ckafka.Account, *otlp.Push, error) {
	loaded, err := s.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	s.otlp = loaded.OTLP
	push, err := s.push(ctx, loaded.OTLP)
	return apiAccounts(loaded), push, err
}

// check returns the accounts after validating everything that start does. It starts
// nothing.
func (s *setup) check(ctx context.Context) ([]ckafka.Account, error) {
	loaded, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := otlp.Resolve(s.flags.OTLP, loaded.OTLP, os.Getenv)
	if err == nil && settings != nil {
		_, err = otlp.New(ctx, settings, nil, s.log) // this reads the files and makes no connection
	}
	if err != nil {
		return nil, err
	}
	return apiAccounts(loaded), nil
}

// reload reads the configuration again and returns the accounts to watch from now
// on. The note says what in the configuration needs a restart; it may be empty.
func (s *setup) reload(ctx context.Context) (accounts []ckafka.Account, note string, err error) {
	loaded, err := s.load(ctx)
	if err != nil {
		return nil, "", err
	}
	if !reflect.DeepEqual(s.otlp, loaded.OTLP) {
		note = "[otlp] has changed; restart the exporter to apply it"
	}
	return apiAccounts(loaded), note, nil
}

// load reads the file, or returns the configuration of the demo, and logs what
// should be changed in the file.
func (s *setup) load(ctx context.Context) (*config.Config, error) {
	if s.demo != nil {
		return s.demo.config, nil
	}
	loaded, err := s.readFile(ctx)
	if err != nil {
		return nil, err
	}
	for _, warning := range loaded.Warnings {
		s.log.Warn(warning)
	}
	if err := findCredentials(loaded.Accounts); err != nil {
		return nil, err
	}
	for _, account := range loaded.Accounts {
		s.log.Info("Watching", "account", account.Name, "regions", strings.Join(account.Regions, ","), "credential", account.Credential.Source())
	}
	return loaded, nil
}

// apiAccounts returns the configured accounts as the API wants them.
func apiAccounts(loaded *config.Config) []ckafka.Account {
	var accounts []ckafka.Account
	for _, account := range loaded.Accounts {
		accounts = append(accounts, ckafka.Account(account))
	}
	return accounts
}

// findCredentials looks in the environment for the credential of each account whose
// keys name none.
func findCredentials(accounts []config.Account) (err error) {
	for i, account := range accounts {
		if accounts[i].Credential, err = account.Credential.Resolve(os.Getenv); err != nil {
			return fmt.Errorf("find credential of account %s: %w", account.Name, err)
		}
	}
	return nil
}

func (s *setup) readFile(ctx context.Context) (*config.Config, error) {
	path := s.flags.Conf
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("find configuration file %s: %w; name one with --conf, or try --demo", path, err)
		}
		path = filepath.Join(home, rest)
	}
	s.log.Info("Reading configuration", "file", path)
	loaded, err := config.Load(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w\n\n%s\nor name another one with --conf, or see what it does without an account: --demo", err, config.Sample)
	}
	return loaded, err
}

// push returns the configured push, or nil.
func (s *setup) push(ctx context.Context, file *otlp.Options) (*otlp.Push, error) {
	settings, err := otlp.Resolve(s.flags.OTLP, file, os.Getenv)
	if err != nil || settings == nil {
		return nil, err
	}
	resource, err := otlp.NewResource(version.Version, *s.flags.Web.WebListenAddresses, s.log)
	if err != nil {
		return nil, err
	}
	s.log.Info("Pushing over OTLP", "collector", settings.Collector(), "interval", settings.Interval, "timeout", settings.Timeout, "protocol", settings.Protocol)
	return otlp.New(ctx, settings, resource, s.log)
}
