package instrument

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

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
	reader   *sdkmetric.ManualReader // of the scrapes
	errors   *errorlog.Log
	gauges   instruments
	labels   *labelCache
	pages    *pages
}

// NewExposition creates the instruments of the kind over the sources, which are
// pushed as well unless push is nil. It asks for no snapshot. What fails while a
// scrape is answered goes to the error log. The exposition is ended by Shutdown.
func NewExposition(kind Kind, sources Sources, push *push.Push, errors *errorlog.Log) (*Exposition, error) {
	reader := sdkmetric.NewManualReader()
	// Without a limit: the SDK's default folds what exceeds 2,000 items into
	// one overflow series, and an item in there raises no alert.
	provider, err := newProvider(reader, push, kind.Pushed, 0)
	if err != nil {
		return nil, fmt.Errorf("create provider for %s: %w", kind.Prefix, err)
	}
	exposition := &Exposition{
		Kind:     kind,
		sources:  sources,
		provider: provider,
		reader:   reader,
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

// scraped is the key of the snapshots that a scrape is answered with, in the
// context of its collection.
type scraped struct{}

// snapshots returns those of the scrape that collects, or asks the sources.
func (e *Exposition) snapshots(ctx context.Context) []*source.Snapshot {
	if snapshots, ok := ctx.Value(scraped{}).([]*source.Snapshot); ok {
		return snapshots
	}
	return e.sources.Snapshots(ctx, e.Kind.Action)
}

// ServeHTTP answers a scrape in the format that the scraper asks for. The
// request's context carries the scrape's deadline. Scrapers that ask for the same
// snapshots in the same format get the same bytes; one that has hung up costs
// nothing.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	snapshots := e.sources.Snapshots(r.Context(), e.Kind.Action)
	page, err := e.pages.of(r.Context(), snapshots, r, func(w http.ResponseWriter) { e.render(w, r, snapshots) })
	if err != nil {
		// The deadline has come, or the scraper has gone.
		http.Error(w, "no time left before the deadline of the scrape", http.StatusServiceUnavailable)
		return
	}
	if err := page.send(w); err != nil {
		e.errors.Println("send exposition:", err)
	}
}

// render answers a scrape with exactly these snapshots. The scraper's hanging up
// does not stop it: others may wait for the same bytes.
func (e *Exposition) render(w http.ResponseWriter, r *http.Request, snapshots []*source.Snapshot) {
	ctx := context.WithValue(context.WithoutCancel(r.Context()), scraped{}, snapshots)
	var collected metricdata.ResourceMetrics
	if err := e.reader.Collect(ctx, &collected); err != nil {
		e.errors.Println("collect metrics:", err)
		http.Error(w, "metrics cannot be collected: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if err := write(w, r, &collected); err != nil {
		e.errors.Println(err)
	}
}

// Shutdown pushes once more, if it pushes, and ends the provider and its readers.
func (e *Exposition) Shutdown(ctx context.Context) error {
	return e.provider.Shutdown(ctx)
}
