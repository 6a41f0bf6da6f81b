// Command datahub_exporter exposes the status of Tencent Cloud CKafka connector
// tasks and connections to Prometheus.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/version"
	"go.opentelemetry.io/otel"

	"datahub_exporter/bridge"
	"datahub_exporter/command"
	"datahub_exporter/config"
	"datahub_exporter/credential"
	"datahub_exporter/endpoint"
	"datahub_exporter/errorlog"
	"datahub_exporter/instrument"
	"datahub_exporter/logwriter"
	"datahub_exporter/push"
	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
	"datahub_exporter/stdlog"
)

const name = command.Name

const (
	exitOK     = 0
	exitFailed = 1 // it could not start, or it broke down
	exitUsage  = 2 // the command line is wrong
)

func main() {
	if version.Version == "" {
		version.Version = "dev" // a release sets it with -ldflags
	}
	if os.Getenv("GOGC") == "" {
		// What lives is a few megabytes, what a refresh throws away is more:
		// collected twice as often, 2,000 tasks take 34 MB resident, not 36.
		debug.SetGCPercent(50)
	}
	stdlog.CaptureGRPC()
	// A write to a pipe that nobody reads is an error like others, and no reason
	// to end: with `2>&1 | head` it would be.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until ctx ends and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags, err := command.Parse(args, stdout)
	if flags == nil {
		return exitOK
	}
	format := flags.Log.Format
	out := logwriter.New(stderr, func(lines int) []byte { return dropped(format, lines) })
	defer out.Close()
	flags.Log.Writer = out
	if err != nil {
		complain(flags.Log, fmt.Errorf("%w, try --help", err))
		return exitUsage
	}
	log := promslog.New(&flags.Log)
	stdlog.Redirect(log)
	defer ignoreHangups(log)()
	err = launch(ctx, flags, log)
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		log.Info("Ended before the start was complete")
		return exitOK
	}
	complain(flags.Log, err)
	return exitFailed
}

// complain tells why the exporter ends: a person in a sentence, and a program that
// reads the log in JSON in a line of that.
func complain(log promslog.Config, err error) {
	if log.Format.String() == "json" {
		promslog.New(&log).Error(name+" cannot go on", "err", err)
		return
	}
	fmt.Fprintf(log.Writer, "%s: error: %v\n", name, err)
}

// dropped returns a line that stands for missing ones, whatever their level.
func dropped(format *promslog.Format, lines int) []byte {
	var text bytes.Buffer
	promslog.New(&promslog.Config{Format: format, Writer: &text}).
		Warn(fmt.Sprintf("%d lines of the log were dropped here: nothing read them, or they could not be written", lines), "lines", lines)
	return text.Bytes()
}

// ignoreHangups has a SIGHUP logged, where it would end the process, until the
// function that it returns is called.
func ignoreHangups(log *slog.Logger) (stop func()) {
	hangups, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		defer close(ended)
		for range hangups {
			log.Info("SIGHUP is ignored: restart the exporter to have it read its configuration anew")
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
		<-ended
	}
}

// launch finds out what to ask and where to push, and serves.
func launch(ctx context.Context, flags *command.Options, log *slog.Logger) error {
	log.Info("Starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	if err := source.CheckProxy(os.Getenv); err != nil {
		return err
	}
	conf, end, err := configuration(ctx, flags, log)
	if err != nil {
		return err
	}
	defer end()
	errorLog := errorlog.New(log)
	otel.SetErrorHandler(errorLog) // the SDK knows no other way to hear of its errors
	// Where it cannot read a variable it quotes the value, which may be a password,
	// past the log. What counts of the variables package push has judged.
	otel.SetLogger(logr.Discard())
	push, err := newPush(ctx, flags, conf.OTLP, log)
	if err != nil {
		return err
	}
	if err := findCredentials(ctx, conf.Accounts); err != nil {
		return err
	}
	for _, account := range conf.Accounts {
		log.Info("Watching", "account", account.Name, "regions", strings.Join(account.Regions, ","), "credential", account.Credential.Way())
	}
	return bridge.Serve(ctx, bridge.Options{
		Accounts: conf.Accounts,
		Source:   flags.Source,
		Push:     push,
		Web:      flags.Web,
		Log:      log,
		Errors:   errorLog,
		Listening: func(address net.Addr) {
			if flags.Demo {
				announce(address, log)
			}
		},
	})
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

// configuration reads the file, or starts a demo, and says how to end what was
// started for it.
func configuration(ctx context.Context, flags *command.Options, log *slog.Logger) (*config.Config, func(), error) {
	if flags.Demo {
		return startDemo(log)
	}
	loaded, err := loadConfig(ctx, flags.Conf, log)
	if err != nil {
		return nil, nil, err
	}
	for _, warning := range loaded.Warnings {
		log.Warn(warning)
	}
	return loaded, func() {}, nil
}

func loadConfig(ctx context.Context, path string, log *slog.Logger) (*config.Config, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("find configuration file %s: %w; name one with --conf, or try --demo", path, err)
		}
		path = filepath.Join(home, rest)
	}
	log.Info("Reading configuration", "file", path)
	loaded, err := config.Load(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w\n\n%s\nor name another one with --conf, or see what it does without an account: --demo", err, config.Sample)
	}
	return loaded, err
}

// startDemo serves a made-up fleet on a loopback port of its own.
func startDemo(log *slog.Logger) (*config.Config, func(), error) {
	const id, key = "demo-secret-id", "demo-secret-key"
	cloud := cloudsim.New(cloudsim.Options{SecretID: id, SecretKey: key, Fleet: cloudsim.Demo(time.Now())})
	address, stop, err := cloud.Listen()
	if err != nil {
		return nil, nil, fmt.Errorf("start demo cloud: %w", err)
	}
	log.Info("This is a demo: its tasks and connections are made up", "cloud", address)
	return &config.Config{Accounts: []source.Account{{
		Name:       "demo",
		Credential: credential.Static(id, key, ""),
		Regions:    []string{"ap-guangzhou", "ap-shanghai"},
		Endpoint:   endpoint.Endpoint{Scheme: "http", Host: address},
	}}}, stop, nil
}

// newPush returns the push that is asked for, or nil.
func newPush(ctx context.Context, flags *command.Options, file *push.Options, log *slog.Logger) (*push.Push, error) {
	settings, err := push.Resolve(ctx, flags.OTLP, file, os.Getenv)
	if err != nil || settings == nil {
		return nil, err
	}
	resource, err := push.NewResource(version.Version, *flags.Web.WebListenAddresses)
	if err != nil {
		return nil, err
	}
	log.Info("Pushing over OTLP", "collector", settings.Collector(), "interval", settings.Interval)
	return push.New(ctx, settings, resource, log)
}

// announce logs where the documented paths of the demo are.
func announce(address net.Addr, log *slog.Logger) {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return // such as a socket of systemd's
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	for _, kind := range instrument.Kinds() {
		log.Info("Try: curl http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port)) + kind.Path)
	}
}
