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
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
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

	"datahub_exporter/config"
	"datahub_exporter/instrument"
	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
	"datahub_exporter/web"
)

const (
	name = "datahub_exporter"
	// An end by signal takes less than 5 s: refreshes under way get graceTimeout
	// to finish, then the scrapes that wait for them are answered with what is
	// known; what is not answered after drainTimeout is cut off.
	graceTimeout = 2 * time.Second
	drainTimeout = 3 * time.Second
	flushTimeout = time.Second
)

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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until ctx ends and gives the exit code.
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
	accounts, end, err := accounts(flags, log)
	if err != nil {
		fmt.Fprintf(stderr, "%s: error: %v\n", name, err)
		return exitFailed
	}
	defer end()
	if err := serve(ctx, flags, accounts, log); err != nil {
		fmt.Fprintf(stderr, "%s: error: %v\n", name, err)
		return exitFailed
	}
	return exitOK
}

// flags is the command line.
type flags struct {
	conf   string
	demo   bool
	source source.Options
	log    promslog.Config
	web    *toolkit.FlagConfig
}

// parseFlags gives nil flags when all that was asked for, such as --help, has
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
	switch {
	case f.source.Timeout <= 0:
		return fmt.Errorf("--ckafka.timeout is %v and must be more than 0", f.source.Timeout)
	case f.source.MinInterval < 0:
		return fmt.Errorf("--ckafka.min-interval is %v and must not be negative", f.source.MinInterval)
	case f.source.StaleAfter < 0:
		return fmt.Errorf("--ckafka.stale-after is %v and must not be negative", f.source.StaleAfter)
	case f.source.QPS <= 0:
		return fmt.Errorf("--ckafka.qps is %d and must be more than 0", f.source.QPS)
	}
	return nil
}

// accounts gives what to ask, from the configuration file or as a demo, and how
// to end what was started for it.
func accounts(flags *flags, log *slog.Logger) ([]source.Account, func(), error) {
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
	return loaded.Accounts, func() {}, nil
}

const missingFileHint = `

Write one, readable by you alone (chmod 600):

    [common]
    secret_id  = the SecretId of a user with the policy QcloudCkafkaReadOnlyAccess
    secret_key = its SecretKey
    region     = ap-guangzhou

or name another one with --conf, or see what it does without an account: --demo`

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
		return nil, fmt.Errorf("%w%s", err, missingFileHint)
	}
	return loaded, err
}

// startDemo serves a made-up fleet on a loopback port of its own.
func startDemo(log *slog.Logger) ([]source.Account, func(), error) {
	const id, key = "demo-secret-id", "demo-secret-key"
	cloud := cloudsim.New(cloudsim.Options{SecretID: id, SecretKey: key, Fleet: cloudsim.Demo(time.Now())})
	address, stop, err := cloud.Listen()
	if err != nil {
		return nil, nil, fmt.Errorf("start demo cloud: %w", err)
	}
	log.Info("This is a demo: its tasks and connections are made up", "cloud", address)
	return []source.Account{{
		SecretID:  source.NewSecret(id),
		SecretKey: source.NewSecret(key),
		Regions:   []string{"ap-guangzhou", "ap-shanghai"},
		Endpoint:  source.Endpoint{Scheme: "http", Host: address},
	}}, stop, nil
}

// serve exposes the accounts until ctx ends. It waits for all that it started.
func serve(ctx context.Context, flags *flags, accounts []source.Account, log *slog.Logger) error {
	self, err := instrument.NewSelf()
	if err != nil {
		return err
	}
	defer shutdown(self)
	transport := source.NewTransport()
	defer transport.CloseIdleConnections()
	flags.source.Log, flags.source.OnCall, flags.source.OnRefresh = log, self.Call, self.Refresh
	sources, err := source.Open(accounts, transport, flags.source)
	if err != nil {
		return err
	}
	closeAll := func() {
		for _, source := range sources {
			source.Close()
		}
	}
	defer closeAll()
	var documented []web.Metrics
	for _, kind := range instrument.Kinds() {
		exposition, err := instrument.NewExposition(kind, ofKind(kind, sources))
		if err != nil {
			return err
		}
		defer shutdown(exposition)
		documented = append(documented, web.Metrics{Kind: kind, Handler: exposition})
	}
	routes, err := web.Routes(documented, self, version.Info())
	if err != nil {
		return err
	}
	log.Info("Starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	return listen(ctx, newServer(routes, flags, log), flags.web, closeAll, log)
}

// shutdown ends what has a MeterProvider.
func shutdown(provider interface{ Shutdown(context.Context) error }) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	_ = provider.Shutdown(ctx)
}

func ofKind(kind instrument.Kind, sources []*source.Source) []instrument.Source {
	var matching []instrument.Source
	for _, source := range sources {
		if source.Target().Action == kind.Action {
			matching = append(matching, source)
		}
	}
	return matching
}

func newServer(routes http.Handler, flags *flags, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      flags.source.Timeout + 30*time.Second,
		// Longer than the minute between two scrapes, which so find their
		// connection open.
		IdleTimeout: 5 * time.Minute,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(listener net.Listener) context.Context {
			if flags.demo {
				announce(listener.Addr(), log)
			}
			return context.Background()
		},
	}
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

// listen serves until ctx ends, then lets the requests under way finish; giveUp
// ends what they wait for.
func listen(ctx context.Context, server *http.Server, flags *toolkit.FlagConfig, giveUp func(), log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- toolkit.ListenAndServe(server, flags, log) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	log.Info("Shutting down")
	defer time.AfterFunc(graceTimeout, giveUp).Stop()
	drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		log.Warn("Requests under way did not end in time and are cut off", "waited", drainTimeout)
		_ = server.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return nil
}
