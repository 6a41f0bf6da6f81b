package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/common/version"
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
	return serve(ctx, setup, accounts, push, reloadSignals)
}

// flushTimeout and web's three seconds together keep a shutdown by signal under
// five seconds.
const flushTimeout = time.Second

// serve exposes the accounts until ctx ends. It waits for everything that it
// started. A nil push pushes nothing.
func serve(ctx context.Context, setup *setup, accounts []ckafka.Account, push *otlp.Push, reloadSignals <-chan os.Signal) error {
	flags, log := setup.flags, setup.log
	telemetry := instrument.Options{Push: push.Provider, Tags: flags.Tags, ErrorLog: logging.NewScrapeErrors(log)}
	self, err := instrument.NewSelf(telemetry)
	if err != nil {
		return err
	}
	if err := push.Observe(self.Meter()); err != nil {
		return err
	}
	logs, err := push.Logs("changes", cli.Name)
	if err != nil {
		return err
	}
	exposed := []shutdowner{self, logs}
	// This runs after the sources are closed: the last push makes no call to the
	// API.
	defer func() { shutdown(exposed) }()

	transport, background := ckafka.NewTransport(), ckafka.NewTransport()
	defer transport.CloseIdleConnections()
	defer background.CloseIdleConnections()
	api := ckafka.New(transport, ckafka.Options{Log: log, OnCall: self.Call, Background: background})
	defer api.Close()
	options := flags.Source
	options.Log, options.OnCall, options.OnRefresh = log, self.Call, self.Refresh
	options.OnChange = tellChanges(log, logs)
	listers := api.Listers(accounts)
	self.SetTargets(listers)
	sources := source.Open(listers, options)
	defer sources.Close()

	var documented []web.Metrics
	for _, kind := range source.Kinds() {
		exposition, err := instrument.NewExposition(kind, sources, telemetry)
		if err != nil {
			return err
		}
		exposed = append(exposed, exposition)
		documented = append(documented, web.Metrics{Kind: kind, Handler: exposition})
	}
	reloader := &reloader{read: setup.reload, api: api, sources: sources, self: self, log: log}
	handler, err := newHandler(flags, documented, reloader)
	if err != nil {
		return err
	}
	defer reloader.reloadOnSignal(ctx, reloadSignals)()
	push.Start()
	return listen(ctx, flags, handler, sources.Close, log)
}

// newHandler returns the handler of the documented paths and all others.
func newHandler(flags *cli.Options, documented []web.Metrics, reloader *reloader) (http.Handler, error) {
	options := web.Options{
		Documented: documented, Self: reloader.self, Sources: reloader.sources, Profiles: flags.Profiles, Version: version.Info(),
		AlertmanagerURL: flags.AlertmanagerURL,
	}
	if flags.Lifecycle {
		options.Reload = reloader.reload
	}
	return web.Routes(options)
}

// listen serves the handler until ctx ends. At shutdown, onDrain ends what requests
// wait for.
func listen(ctx context.Context, flags *cli.Options, handler http.Handler, onDrain func(), log *slog.Logger) error {
	return web.Server{
		Handler:        handler,
		Flags:          flags.Web,
		Log:            log,
		HandlerTimeout: flags.Source.Timeout,
		OnDrain:        onDrain,
		OnListen: func(address net.Addr) {
			if flags.Demo {
				announce(address, log)
			}
		},
	}.Serve(ctx)
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

// A shutdowner has a provider to shut down, which pushes once more if it pushes.
type shutdowner interface {
	Shutdown(ctx context.Context) error
}

// shutdown pushes the last known values. It shuts all down concurrently: if a
// collector does not answer, each takes until the deadline.
func shutdown(exposed []shutdowner) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	failures := make([]error, len(exposed))
	var pushes sync.WaitGroup
	for i, each := range exposed {
		pushes.Go(func() { failures[i] = each.Shutdown(ctx) })
	}
	pushes.Wait()
	if err := errors.Join(failures...); err != nil {
		otel.Handle(err)
	}
}
