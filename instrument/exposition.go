package instrument

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/source"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scopeName is the name of the instrumentation scope of all instruments.
const scopeName = "datahub_exporter"

// Sources is where an Exposition gets its snapshots. Snapshots refreshes what it
// must, never fails and returns before the deadline of ctx. Select does so for the
// selected targets only, and also returns the snapshots of all targets; it fails if
// something is selected that does not exist.
type Sources interface {
	Snapshots(ctx context.Context, action source.Action) []*source.Snapshot
	Select(ctx context.Context, action source.Action, selection source.Selection) (selected, all []*source.Snapshot, err error)
}

// Exposition exposes the items of one kind from all accounts and regions.
type Exposition struct {
	// Kind is what is exposed.
	Kind source.Kind

	sources Sources
	pushed  *sdkmetric.MeterProvider
	errors  promhttp.Logger
	labels  *labelCache

	whole, narrowed *press
}

// NewExposition creates the instruments of the kind over the sources, which are
// pushed as well unless push is nil. It asks for no snapshot. Errors while a scrape
// is answered go to the error log. The caller must call Shutdown.
func NewExposition(kind source.Kind, sources Sources, push *otlp.Push, log promhttp.Logger) (*Exposition, error) {
	labels := newLabelCache(kind)
	exposition := &Exposition{
		Kind:     kind,
		sources:  sources,
		errors:   log,
		labels:   labels,
		whole:    newPress(newNewest(), labels, log),
		narrowed: newPress(newRecent(maxRecent), labels, log),
	}
	if err := exposition.create(push); err != nil {
		return nil, fmt.Errorf("create instruments for %s: %w", kind.Prefix, err)
	}
	return exposition, nil
}

func (e *Exposition) create(push *otlp.Push) error {
	gauges := gauges(e.Kind)
	for _, gauge := range gauges {
		family := newFamily(e.Kind, gauge)
		if err := family.open(); err != nil {
			return err
		}
		e.whole.families = append(e.whole.families, family)
		e.narrowed.families = append(e.narrowed.families, newFamily(e.Kind, gauge)) // opened when needed
	}
	options, err := push.Provider(e.Kind.Name + "s")
	if err != nil || options == nil {
		return err
	}
	e.pushed = sdkmetric.NewMeterProvider(append(options, sdkmetric.WithCardinalityLimit(unlimited))...)
	return e.registerPushed(gauges)
}

// registerPushed creates the instruments that are pushed and their one callback.
// The callback always returns nil, because an error would stop the whole
// collection; failure is data in the snapshots.
func (e *Exposition) registerPushed(gauges []gauge) error {
	meter := e.pushed.Meter(scopeName)
	created, err := newInstruments(meter, e.Kind, gauges)
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		snapshots := e.sources.Snapshots(ctx, e.Kind.Action)
		for i, labels := range e.labels.of(scrape{snapshots, snapshots}) {
			created.observe(observer, snapshots[i], labels)
		}
		return nil
	}, created.all()...)
	return err
}

// ServeHTTP answers a scrape with the targets and families that its parameters
// name, in the format that the scraper asks for. The request's context carries the
// scrape's deadline. Scrapers that ask for the same snapshots in the same format
// get the same bytes; one that has hung up costs nothing.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	narrowing, err := narrowingOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var scrape scrape
	scrape.wanted, scrape.all, err = e.sources.Select(r.Context(), e.Kind.Action, narrowing.targets)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	page, err := e.answer(r, scrape, narrowing)
	if err != nil {
		// The deadline has passed, or the scraper is gone.
		http.Error(w, "no time left before the deadline of the scrape", http.StatusServiceUnavailable)
		return
	}
	if err := page.send(w); err != nil {
		e.errors.Println("send exposition:", err)
	}
}

// answer returns the answer of the press for whole or for narrowed scrapes. A
// narrowing that leaves everything counts as none.
func (e *Exposition) answer(r *http.Request, scrape scrape, narrowing narrowing) (*page, error) {
	if !scrape.narrowed() && narrowing.families == nil {
		return e.whole.answer(r, scrape, narrowing, "")
	}
	key := narrowing.key(e.narrowed.families)
	if severalAccounts(scrape.all) {
		key += "several " // a reload may change this while the snapshots stay
	}
	return e.narrowed.answer(r, scrape, narrowing, key)
}

// Shutdown pushes once more, if it pushes, and shuts down the providers and their
// readers.
func (e *Exposition) Shutdown(ctx context.Context) error {
	var failures []error
	if e.pushed != nil {
		failures = append(failures, e.pushed.Shutdown(ctx))
	}
	for _, press := range []*press{e.whole, e.narrowed} {
		failures = append(failures, press.shutdown(context.WithoutCancel(ctx))) // it takes no time
	}
	return errors.Join(failures...)
}
