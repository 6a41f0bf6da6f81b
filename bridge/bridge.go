// Package bridge wires up one running exporter: the sources, the series that expose
// them, and the server.
//
// It knows no files and no command line, and decides nothing: package instrument
// decides what is exposed, package source what is asked, and package web what is
// answered.
package bridge

import (
	"context"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.opentelemetry.io/otel"

	"datahub_exporter/errorlog"
	"datahub_exporter/instrument"
	"datahub_exporter/pacing"
	"datahub_exporter/push"
	"datahub_exporter/source"
	"datahub_exporter/web"
)

// flushTimeout and web's three seconds together keep a shutdown by signal under
// five seconds.
const flushTimeout = time.Second

// Options say what to expose, and where.
type Options struct {
	// Accounts are the accounts to ask; at least one.
	Accounts []source.Account
	// Reload reads the configuration again and returns the accounts to ask from
	// then on, and a note of what needs a restart.
	Reload func(context.Context) (accounts []source.Account, note string, err error)
	// Hangups triggers a reload with each signal; nil never does.
	Hangups <-chan os.Signal
	// Lifecycle is whether a client may trigger a reload.
	Lifecycle bool
	// Profiles is whether a client may profile the process.
	Profiles bool
	// Pacer is told of refreshes and expositions, which leave garbage; it may be nil.
	Pacer *pacing.Pacer
	// Source has the options of all sources, without the hooks.
	Source source.Options
	// Push is where the series are pushed; nil pushes nothing.
	Push *push.Push
	// Web says where and how to listen.
	Web *toolkit.FlagConfig
	// Log is where the exporter and its server log.
	Log *slog.Logger
	// Errors takes the errors of the OpenTelemetry SDK and of scrapes.
	Errors *errorlog.Log
	// Listening is called for each address once the server listens on it.
	Listening func(net.Addr)
}

// Serve exposes the accounts until ctx ends. It waits for everything that it
// started.
func Serve(ctx context.Context, options Options) error {
	self, err := instrument.NewSelf(options.Push, options.Errors)
	if err != nil {
		return err
	}
	exposed := instrument.Shutdowns{self}
	// This runs after the sources are closed: the last push makes no call to the
	// API.
	defer func() { shutdown(exposed) }()

	transport := source.NewTransport()
	defer transport.CloseIdleConnections()
	options.Source.Log, options.Source.OnBegin, options.Source.OnRefresh = options.Log, options.Pacer.Begin, self.Refresh
	options.Source.OnCall = func(report source.CallReport) {
		options.Pacer.Adapt()
		self.Call(report)
	}
	sources := source.Open(options.Accounts, transport, options.Source)
	defer sources.Close()

	self.Watch(options.Accounts)
	reloader := &reloader{read: options.Reload, sources: sources, self: self, log: options.Log}
	var documented []web.Metrics
	for _, kind := range instrument.Kinds() {
		exposition, err := instrument.NewExposition(kind, sources, options.Push, options.Errors)
		if err != nil {
			return err
		}
		exposition.Pace(options.Pacer)
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
	background.Go(func() { reloader.obey(obeying, options.Hangups) })
	defer background.Wait()
	defer cancel()
	options.Push.Start()
	return web.Server{
		Handler:   routes,
		Flags:     options.Web,
		Log:       options.Log,
		Longest:   options.Source.Timeout,
		GiveUp:    sources.Close,
		Listening: options.Listening,
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
