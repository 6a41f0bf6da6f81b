package instrument

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"

	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"golang.org/x/sync/errgroup"

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
		family, err := newFamily(e.Kind, gauge)
		if err != nil {
			return err
		}
		e.families = append(e.families, family)
	}
	options, err := push.Provider(e.Kind.Pushed)
	if err != nil || options == nil {
		return err
	}
	e.pushed = sdkmetric.NewMeterProvider(append(options, sdkmetric.WithCardinalityLimit(unlimited))...)
	return e.registerPushed(gauges)
}

// registerPushed creates the instruments that are pushed and their one callback.
// That always returns nil, for an error would stop the whole collection; failure is
// data in the snapshots.
func (e *Exposition) registerPushed(gauges []gauge) error {
	meter := e.pushed.Meter(scopeName)
	created, err := newInstruments(meter, e.Kind, gauges)
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		snapshots := e.sources.Snapshots(ctx, e.Kind.Action)
		for i, labels := range e.labels.of(snapshots) {
			created.observe(observer, snapshots[i], labels)
		}
		return nil
	}, created.all()...)
	return err
}

// ServeHTTP answers a scrape in the format that the scraper asks for. The
// request's context carries the scrape's deadline. Scrapers that ask for the same
// snapshots in the same format get the same bytes; one that has hung up costs
// nothing.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	snapshots := e.sources.Snapshots(r.Context(), e.Kind.Action)
	page, err := e.pages.of(r.Context(), snapshots, r, e.render)
	if err != nil {
		// The deadline has come, or the scraper has gone.
		http.Error(w, "no time left before the deadline of the scrape", http.StatusServiceUnavailable)
		return
	}
	if err := page.send(w); err != nil {
		e.errors.Println("send exposition:", err)
	}
}

// render returns an exposition of exactly these snapshots in parts: of the families
// that are asked for, of all if none is. The families are made concurrently.
func (e *Exposition) render(format expfmt.Format, generation int, snapshots []*source.Snapshot, asked []string) ([][]byte, error) {
	labels := e.labels.of(snapshots)
	exposed := make([][][]byte, len(e.families))
	var making errgroup.Group
	making.SetLimit(runtime.GOMAXPROCS(0))
	for i, family := range e.families {
		if len(asked) > 0 && !slices.Contains(asked, family.name) {
			continue
		}
		making.Go(func() (err error) {
			exposed[i], err = family.expose(format, generation, snapshots, labels)
			return err
		})
	}
	if err := making.Wait(); err != nil {
		e.errors.Println("make exposition:", err)
		return nil, err
	}
	end, err := ending(format)
	return append(slices.Concat(exposed...), end), err
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
