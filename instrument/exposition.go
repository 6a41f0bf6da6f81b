package instrument

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
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
	provider *sdkmetric.MeterProvider
	registry *prometheus.Registry
	errors   *errorlog.Log
	gauges   instruments
	labels   *labelCache

	pages *pages
	// scraped holds the snapshots of the scrape that is being gathered, nil
	// between two scrapes.
	scraped atomic.Pointer[[]*source.Snapshot]
}

// NewExposition creates the instruments of the kind over the sources, which are
// pushed as well unless push is nil. It asks for no snapshot. What fails while a
// scrape is answered goes to the error log. The exposition is ended by Shutdown.
func NewExposition(kind Kind, sources Sources, push *push.Push, errors *errorlog.Log) (*Exposition, error) {
	registry := prometheus.NewRegistry()
	// Without a limit: the SDK's default folds what exceeds 2,000 items into
	// one overflow series, and an item in there raises no alert.
	provider, err := newProvider(registry, push, kind.Pushed, 0)
	if err != nil {
		return nil, fmt.Errorf("create provider for %s: %w", kind.Prefix, err)
	}
	exposition := &Exposition{
		Kind:     kind,
		sources:  sources,
		provider: provider,
		registry: registry,
		errors:   errors,
		pages:    newPages(),
		labels:   newLabelCache(kind),
	}
	if err := exposition.register(provider.Meter(scopeName), kind); err != nil {
		return nil, fmt.Errorf("create instruments for %s: %w", kind.Prefix, err)
	}
	return exposition, nil
}

func (e *Exposition) register(meter metric.Meter, kind Kind) error {
	var err error
	if e.gauges, err = newInstruments(meter, kind); err != nil {
		return err
	}
	_, err = meter.RegisterCallback(e.observe, e.gauges.all()...)
	return err
}

// observe is the one callback. It always returns nil, for an error would stop
// the whole collection; failure is data in the snapshots.
func (e *Exposition) observe(ctx context.Context, observer metric.Observer) error {
	snapshots := e.snapshots(ctx)
	for i, labels := range e.labels.of(snapshots) {
		e.gauges.observe(observer, snapshots[i], labels)
	}
	return nil
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
	gather := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return e.gather(snapshots) })
	page, err := e.pages.of(r.Context(), snapshots, r,
		promhttp.HandlerFor(gather, promhttp.HandlerOpts{EnableOpenMetrics: true, ErrorLog: e.errors}))
	if err != nil {
		// The deadline has come, or the scraper has gone.
		http.Error(w, "no time left before the deadline of the scrape", http.StatusServiceUnavailable)
		return
	}
	if err := page.send(w); err != nil {
		e.errors.Println("send exposition:", err)
	}
}

// gather collects exactly these snapshots. The Prometheus exporter collects with
// a context of its own (client_golang#1538), so the callback cannot be told which
// scrape it is called for: pages has one made at a time.
func (e *Exposition) gather(snapshots []*source.Snapshot) ([]*dto.MetricFamily, error) {
	e.scraped.Store(&snapshots)
	defer e.scraped.Store(nil)
	return e.registry.Gather()
}

// Shutdown pushes once more, if it pushes, and ends the provider and its readers.
func (e *Exposition) Shutdown(ctx context.Context) error {
	return e.provider.Shutdown(ctx)
}
