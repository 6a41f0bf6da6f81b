// Command datahub_exporter exposes the status of Tencent Cloud CKafka connector
// tasks and connections to Prometheus.
package main

import (
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

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	toolkitflag "github.com/prometheus/exporter-toolkit/web/kingpinflag"
	"go.opentelemetry.io/otel"

	"datahub_exporter/bridge"
	"datahub_exporter/config"
	"datahub_exporter/endpoint"
	"datahub_exporter/instrument"
	"datahub_exporter/secret"
	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
)

const name = "datahub_exporter"

// The exit codes.
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until ctx ends and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags, err := parseFlags(args, stdout)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "%s: error: %v, try --help\n", name, err)
		return exitUsage
	case flags == nil:
		return exitOK
	}
	flags.log.Writer = stderr
	log := promslog.New(&flags.log)
	if err := launch(ctx, flags, log); err != nil {
		fmt.Fprintf(stderr, "%s: error: %v\n", name, err)
		return exitFailed
	}
	return exitOK
}

// launch finds out what to ask and where to push, and serves.
func launch(ctx context.Context, flags *flags, log *slog.Logger) error {
	conf, end, err := configuration(flags, log)
	if err != nil {
		return err
	}
	defer end()
	errorLog := instrument.NewErrorLog(log)
	otel.SetErrorHandler(errorLog) // the SDK knows no other way to hear of its errors
	push, err := newPush(flags, conf.OTLP, errorLog)
	if err != nil {
		return err
	}
	log.Info("Starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	return bridge.Serve(ctx, bridge.Options{
		Accounts: conf.Accounts,
		Source:   flags.source,
		Push:     push,
		Web:      flags.web,
		Log:      log,
		Errors:   errorLog,
		Listening: func(address net.Addr) {
			if flags.demo {
				announce(address, log)
			}
		},
	})
}

// flags is the command line.
type flags struct {
	conf   string
	demo   bool
	source source.Options
	otlp   config.OTLPFlags
	log    promslog.Config
	web    *toolkit.FlagConfig
}

// parseFlags returns nil flags when all that was asked for, such as --help, has
// been printed.
func parseFlags(args []string, stdout io.Writer) (*flags, error) {
	parsed, answered := &flags{}, false
	app := kingpin.New(name, "Exposes the status of Tencent Cloud CKafka connector tasks and connections to Prometheus.")
	app.UsageWriter(stdout).ErrorWriter(stdout).Terminate(func(int) { answered = true })
	app.Version(version.Print(name))
	app.HelpFlag.Short('h')
	app.Flag("conf", "Configuration file.").Default("~/.datahub_exporter.conf").StringVar(&parsed.conf)
	parsed.web = toolkitflag.AddFlags(app, "0.0.0.0:48080")
	app.Flag("ckafka.timeout", "The longest that one refresh may take: all its pages and retries.").
		Default(source.DefaultTimeout.String()).DurationVar(&parsed.source.Timeout)
	app.Flag("ckafka.min-interval", "How long an answer of the API serves all scrapes before the API is asked again.").
		Default(source.DefaultMinInterval.String()).DurationVar(&parsed.source.MinInterval)
	app.Flag("ckafka.stale-after", "How long the last good statuses are kept while refreshes fail; 0 drops them at once.").
		Default(source.DefaultStaleAfter.String()).DurationVar(&parsed.source.StaleAfter)
	app.Flag("ckafka.qps", "The most calls in any one second for each account, region and action; the API's own quota is 20.").
		Default(strconv.Itoa(source.DefaultQPS)).IntVar(&parsed.source.QPS)
	app.Flag("otlp.endpoint", "Push to this collector over OTLP/gRPC as well: http://HOST:PORT, or https:// for TLS.").
		StringVar(&parsed.otlp.Endpoint)
	app.Flag("otlp.interval", "The time between two pushes; 60s unless the file or the environment says otherwise.").
		DurationVar(&parsed.otlp.Interval)
	app.Flag("demo", "Run on a made-up fleet of connectors: no file, no key, no network.").BoolVar(&parsed.demo)
	promslogflag.AddFlags(app, &parsed.log)
	_, err := app.Parse(args)
	switch {
	case answered:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return parsed, parsed.validate()
}

func (f *flags) validate() error {
	if f.otlp.Endpoint != "" {
		if _, err := config.ParseOTLPEndpoint(f.otlp.Endpoint); err != nil {
			return fmt.Errorf("--otlp.endpoint: %w", err)
		}
	}
	switch {
	case f.source.Timeout <= 0:
		return fmt.Errorf("--ckafka.timeout is %v and must be more than 0", f.source.Timeout)
	case f.source.MinInterval < 0:
		return fmt.Errorf("--ckafka.min-interval is %v and must not be negative", f.source.MinInterval)
	case f.source.StaleAfter < 0:
		return fmt.Errorf("--ckafka.stale-after is %v and must not be negative", f.source.StaleAfter)
	case f.otlp.Interval < 0:
		return fmt.Errorf("--otlp.interval is %v and must not be negative", f.otlp.Interval)
	case f.source.QPS <= 0:
		return fmt.Errorf("--ckafka.qps is %d and must be more than 0", f.source.QPS)
	}
	return nil
}

// configuration reads the file, or starts a demo, and says how to end what was
// started for it.
func configuration(flags *flags, log *slog.Logger) (*config.Config, func(), error) {
	if flags.demo {
		return startDemo(log)
	}
	loaded, err := loadConfig(flags.conf)
	if err != nil {
		return nil, nil, err
	}
	for _, warning := range loaded.Warnings {
		log.Warn(warning)
	}
	return loaded, func() {}, nil
}

func loadConfig(path string) (*config.Config, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("find configuration file %s: %w; name one with --conf, or try --demo", path, err)
		}
		path = filepath.Join(home, rest)
	}
	loaded, err := config.Load(path)
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
		Name:      "demo",
		SecretID:  secret.New(id),
		SecretKey: secret.New(key),
		Regions:   []string{"ap-guangzhou", "ap-shanghai"},
		Endpoint:  endpoint.Endpoint{Scheme: "http", Host: address},
	}}}, stop, nil
}

// newPush returns the push that is asked for, or nil.
func newPush(flags *flags, file *config.OTLP, errorLog *instrument.ErrorLog) (*instrument.Push, error) {
	options, err := config.ResolveOTLP(flags.otlp, file, os.Getenv)
	if err != nil || options == nil {
		return nil, err
	}
	resource, err := instrument.NewResource(version.Version, *flags.web.WebListenAddresses)
	if err != nil {
		return nil, err
	}
	push, err := instrument.NewPush(instrument.PushOptions(*options), resource, errorLog.Pushed)
	if err != nil {
		return nil, fmt.Errorf("push over OTLP: %w", err)
	}
	return push, nil
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
