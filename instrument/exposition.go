package instrument

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/errorlog"
	"datahub_exporter/push"
	"datahub_exporter/source"
)

// scopeName is the name of the instrumentation scope of all instruments.
const scopeName = "datahub_exporter"

// Sources is the consumer contract for what is exposed. Snapshots refreshes what
// it must, never fails and returns before the deadline of ctx.
type Sources interface {
	Snapshots(ctx context.Context, action source.Action) []*source.Snapshot
}

// Exposition exposes the items of one kind from all accounts and regions.
type Exposition struct {
	// Kind is what is exposed.
	Kind Kind

	sources  Sources
	families []*family // that a scrape is made of
	pushed   *sdkmetric.MeterProvider
	errors   *errorlog.Log
	labels   *labelCache

	pages *pages
	// scraped holds the snapshots of the scrape that is being gathered, nil
	// between two scrapes.
	scraped atomic.Pointer[[]*source.Snapshot]
}

// NewExposition creates the instruments of the kind over the sources, which are
// pushed as well unless push is nil. It asks for no snapshot. What fails while a
// scrape is answered goes to the error log. The exposition is ended by Shutdown.
func NewExposition(kind Kind, sources Sources, push *push.Push, log *errorlog.Log) (*Exposition, error) {
	exposition := &Exposition{
		Kind:    kind,
		sources: sources,
		errors:  log,
		labels:  newLabelCache(kind),
		pages:   newPages(),
	}
	if err := exposition.create(push); err != nil {
		return nil, fmt.Errorf("create instruments for %s: %w", kind.Prefix, err)
	}
	return exposition, nil
}

func (e *Exposition) create(push *push.Push) error {
	gauges := gauges(e.Kind)
	for _, gauge := range gauges {
		family, err := newFamily(e.Kind.Prefix + gauge.name)
		if err != nil {
			return err
		}
		e.families = append(e.families, family)
		if err := e.register(family.provider, gauge); err != nil {
			return err
		}
	}
	options, err := push.Provider(e.Kind.Pushed)
	if err != nil || options == nil {
		return err
	}
	e.pushed = sdkmetric.NewMeterProvider(append(options, sdkmetric.WithCardinalityLimit(unlimited))...)
	return e.register(e.pushed, gauges...)
}

// register creates the instruments of the gauges and their one callback. That
// always returns nil, for an error would stop the whole collection; failure is data
// in the snapshots.
func (e *Exposition) register(provider *sdkmetric.MeterProvider, gauges ...gauge) error {
	meter := provider.Meter(scopeName)
	created, err := newInstruments(meter, e.Kind, gauges)
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		snapshots := e.snapshots(ctx)
		for i, labels := range e.labels.of(snapshots) {
			created.observe(observer, snapshots[i], labels)
		}
		return nil
	}, created.all()...)
	return err
}

// snapshots returns those of the scrape under way, or asks the sources.
func (e *Exposition) snapshots(ctx context.Context) []*source.Snapshot {
	if scraped := e.scraped.Load(); scraped != nil {
		return *scraped
	}
	return e.sources.Snapshots(ctx, e.Kind.Action)
}

// ServeHTTP answers a scrape in the format that the scraper asks for. The
// request's context carries the scrape's deadline. Scrapers that ask for the same
// snapshots in the same format get the same bytes; one that has hung up costs
// nothing.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The Prometheus reader collects without the request's context, so the
	// sources are asked here, while the deadline is known.
	snapshots := e.sources.Snapshots(r.Context(), e.Kind.Action)
	page, err := e.pages.of(r.Context(), snapshots, r, func(w http.ResponseWriter) error { return e.render(w, r, snapshots) })
	if err != nil {
		// The deadline has come, or the scraper has gone.
		http.Error(w, "no time left before the deadline of the scrape", http.StatusServiceUnavailable)
		return
	}
	if err := page.send(w); err != nil {
		e.errors.Println("send exposition:", err)
	}
}

// render answers a scrape with exactly these snapshots. The Prometheus exporter
// collects with a context of its own (client_golang#1538), so the callbacks cannot
// be told which scrape they are called for: pages has one made at a time.
func (e *Exposition) render(w http.ResponseWriter, r *http.Request, snapshots []*source.Snapshot) error {
	e.scraped.Store(&snapshots)
	defer e.scraped.Store(nil)
	err := write(w, r, e.families)
	if err != nil {
		e.errors.Println("make exposition:", err)
	}
	return err
}

// Shutdown pushes once more, if it pushes, and ends the providers and their
// readers.
func (e *Exposition) Shutdown(ctx context.Context) error {
	var failures []error
	if e.pushed != nil {
		failures = append(failures, e.pushed.Shutdown(ctx))
	}
	for _, family := range e.families {
		failures = append(failures, family.provider.Shutdown(context.WithoutCancel(ctx))) // which takes no time
	}
	return errors.Join(failures...)
}
