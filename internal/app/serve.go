package app

import (
	"context"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.opentelemetry.io/otel"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/web"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// runExporter reads the configuration and serves.
func runExporter(ctx context.Context, flags *cli.Options, log *slog.Logger) error {
	log.Info("Starting "+cli.Name, "version", version.Info(), "build_context", version.BuildContext())
	reloadSignals := make(chan os.Signal, 1)
	signal.Notify(reloadSignals, syscall.SIGHUP)
	defer signal.Stop(reloadSignals)
	if err := ckafka.CheckProxy(os.Getenv); err != nil {
		return err
	}
	otel.SetErrorHandler(logging.NewSDKErrors(log)) // the SDK reports its errors in no other way
	setup, err := newSetup(flags, log)
	if err != nil {
		return err
	}
	defer setup.close()
	accounts, push, err := setup.start(ctx)
	if err != nil {
		return err
	}
	return serve(ctx, serveOptions{
		Accounts:      accounts,
		Reload:        setup.reload,
		ReloadSignals: reloadSignals,
		Lifecycle:     flags.Lifecycle,
		Profiles:      flags.Profiles,
		Source:        flags.Source,
		Push:          push,
		Web:           flags.Web,
		Log:           log,
		Errors:        logging.NewScrapeErrors(log),
		Listening: func(address net.Addr) {
			if flags.Demo {
				announce(address, log)
			}
		},
	})
}

// announce logs the URLs of the documented paths of the demo.
func announce(address net.Addr, log *slog.Logger) {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return // such as a socket from systemd
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	for _, kind := range source.Kinds() {
		log.Info("Try: curl http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port)) + kind.Path)
	}
}

// flushTimeout and web's three seconds together keep a shutdown by signal under
// five seconds.
const flushTimeout = time.Second

// serveOptions say what to expose, and where.
type serveOptions struct {
	// Accounts are the accounts to ask; at least one.
	Accounts []ckafka.Account
	// Reload reads the configuration again and returns the accounts to ask from
	// then on, and a note of what needs a restart.
	Reload func(context.Context) (accounts []ckafka.Account, note string, err error)
	// ReloadSignals triggers a reload with each signal; nil never does.
	ReloadSignals <-chan os.Signal
	// Lifecycle is whether a client may trigger a reload.
	Lifecycle bool
	// Profiles is whether a client may profile the process.
	Profiles bool
	// Source has the options of all sources, without the hooks.
	Source source.Options
	// Push is where the series are pushed; nil pushes nothing.
	Push *otlp.Push
	// Web says where and how to listen.
	Web *toolkit.FlagConfig
	// Log is where the exporter and its server log.
	Log *slog.Logger
	// Errors takes the errors while scrapes are answered.
	Errors promhttp.Logger
	// Listening is called for each address once the server listens on it.
	Listening func(net.Addr)
}

// serve exposes the accounts until ctx ends. It waits for everything that it
// started.
func serve(ctx context.Context, options serveOptions) error {
	series := instrument.Options{Push: options.Push.Provider, ErrorLog: options.Errors}
	self, err := instrument.NewSelf(series)
	if err != nil {
		return err
	}
	if err := options.Push.Observe(self.Meter()); err != nil {
		return err
	}
	exposed := instrument.Shutdowns{self}
	// This runs after the sources are closed: the last push makes no call to the
	// API.
	defer func() { shutdown(exposed) }()

	transport := ckafka.NewTransport()
	defer transport.CloseIdleConnections()
	options.Source.Log, options.Source.OnCall, options.Source.OnRefresh = options.Log, self.Call, self.Refresh
	api := ckafka.New(transport, ckafka.Options{Log: options.Log, OnCall: self.Call})
	defer api.Close()
	sources := source.Open(api.Listers(options.Accounts), options.Source)
	defer sources.Close()

	self.SetAccounts(len(options.Accounts))
	reloader := &reloader{read: options.Reload, api: api, sources: sources, self: self, log: options.Log}
	var documented []web.Metrics
	for _, kind := range source.Kinds() {
		exposition, err := instrument.NewExposition(kind, sources, series)
		if err != nil {
			return err
		}
		exposed = append(exposed, exposition)
		documented = append(documented, web.Metrics{Kind: kind, Handler: exposition})
	}
	var reload web.Reload
	if options.Lifecycle {
		reload = reloader.reload
	}
	routes, err := web.Routes(web.Options{
		Documented: documented, Self: self, Sources: sources, Reload: reload, Profiles: options.Profiles, Version: version.Info(),
	})
	if err != nil {
		return err
	}
	obeying, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { reloader.reloadOnSignal(obeying, options.ReloadSignals) })
	defer background.Wait()
	defer cancel()
	options.Push.Start()
	return web.Server{
		Handler:        routes,
		Flags:          options.Web,
		Log:            options.Log,
		HandlerTimeout: options.Source.Timeout,
		OnDrain:        sources.Close,
		Listening:      options.Listening,
	}.Serve(ctx)
}

// shutdown pushes the last known values.
func shutdown(exposed instrument.Shutdowns) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := exposed.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}
