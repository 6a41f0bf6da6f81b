// Package setup finds out what the exporter runs on: the configuration file, read
// at the start and at each reload, or a demo's cloud, and the push that flags,
// file and environment ask for together.
package setup

import (
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

	"datahub_exporter/command"
	"datahub_exporter/config"
	"datahub_exporter/push"
	"datahub_exporter/source"
)

// A Setup reads the configuration that the command line names. It is ended by
// Close.
type Setup struct {
	flags *command.Options
	log   *slog.Logger
	demo  *demo // nil unless it is one

	otlp *push.Options // of the configuration that was read first
}

// Start returns the setup for the flags, with the cloud of the demo running if it
// is to be one.
func Start(flags *command.Options, log *slog.Logger) (*Setup, error) {
	setup := &Setup{flags: flags, log: log}
	if !flags.Demo {
		return setup, nil
	}
	var err error
	if flags.Replay != "" {
		setup.demo, err = startReplay(flags.Replay, log)
	} else {
		setup.demo, err = startDemo(log)
	}
	return setup, err
}

// Close ends the cloud of the demo.
func (s *Setup) Close() {
	if s.demo != nil {
		s.demo.stop()
	}
}

// Read returns the accounts to watch and the push that is asked for, nil for
// none. It comes once, before Reload.
func (s *Setup) Read(ctx context.Context) ([]source.Account, *push.Push, error) {
	loaded, err := s.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	s.otlp = loaded.OTLP
	push, err := s.push(ctx, loaded.OTLP)
	return loaded.Accounts, push, err
}

// Check returns the accounts, once all is judged that Read judges. It starts
// nothing.
func (s *Setup) Check(ctx context.Context) ([]source.Account, error) {
	loaded, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := push.Resolve(ctx, s.flags.OTLP, loaded.OTLP, os.Getenv)
	if err == nil && settings != nil {
		_, err = push.New(ctx, settings, nil, s.log) // which reads the files and connects to nothing
	}
	if err != nil {
		return nil, err
	}
	return loaded.Accounts, nil
}

// Reload reads the configuration anew and returns the accounts to watch from now
// on. A note says what of the configuration needs a restart; it may be empty.
func (s *Setup) Reload(ctx context.Context) (accounts []source.Account, note string, err error) {
	loaded, err := s.load(ctx)
	if err != nil {
		return nil, "", err
	}
	if !reflect.DeepEqual(s.otlp, loaded.OTLP) {
		note = "[otlp] has changed; restart the exporter to have it push so"
	}
	return loaded.Accounts, note, nil
}

// load reads the file, or returns what the demo runs on, and logs what should not
// stay as it is.
func (s *Setup) load(ctx context.Context) (*config.Config, error) {
	if s.demo != nil {
		return s.demo.config, nil
	}
	loaded, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, warning := range loaded.Warnings {
		s.log.Warn(warning)
	}
	if err := findCredentials(ctx, loaded.Accounts); err != nil {
		return nil, err
	}
	for _, account := range loaded.Accounts {
		s.log.Info("Watching", "account", account.Name, "regions", strings.Join(account.Regions, ","), "credential", account.Credential.Way())
	}
	return loaded, nil
}

// findCredentials has each account whose keys name no credential take that of the
// environment.
func findCredentials(ctx context.Context, accounts []source.Account) (err error) {
	for i, account := range accounts {
		if accounts[i].Credential, err = account.Credential.Resolve(ctx, os.Getenv); err != nil {
			return fmt.Errorf("find credential of account %s: %w", account.Name, err)
		}
	}
	return nil
}

func (s *Setup) read(ctx context.Context) (*config.Config, error) {
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

// push returns the push that is asked for, or nil.
func (s *Setup) push(ctx context.Context, file *push.Options) (*push.Push, error) {
	settings, err := push.Resolve(ctx, s.flags.OTLP, file, os.Getenv)
	if err != nil || settings == nil {
		return nil, err
	}
	resource, err := push.NewResource(version.Version, *s.flags.Web.WebListenAddresses)
	if err != nil {
		return nil, err
	}
	s.log.Info("Pushing over OTLP", "collector", settings.Collector(), "interval", settings.Interval, "protocol", settings.Protocol)
	return push.New(ctx, settings, resource, s.log)
}
