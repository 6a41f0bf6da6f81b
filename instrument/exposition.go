package instrument

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"golang.org/x/sync/semaphore"

	"datahub_exporter/source"
)

// Sources is where an Exposition gets its snapshots. Snapshots refreshes what it
// must, never fails and returns before the deadline of ctx. Select does so for the
// selected targets only, and also returns the snapshots of all targets; it fails if
// something is selected that does not exist.
type Sources interface {
	Snapshots(ctx context.Context, action source.Action) []*source.Snapshot
	Select(ctx context.Context, action source.Action, selection source.Selection) (selected, all []*source.Snapshot, err error)
}

// Options are those of an Exposition and of Self.
type Options struct {
	// Push returns the options of a provider that also pushes, or nil if nothing is
	// pushed. The name says what is pushed. Push may be nil.
	Push func(name string) ([]sdkmetric.Option, error)
	// Tags are the keys of the tags of connections that become labels.
	Tags []string
	// ErrorLog takes the errors while a scrape is answered; nil discards them.
	ErrorLog promhttp.Logger
}

func (o Options) push(name string) ([]sdkmetric.Option, error) {
	if o.Push == nil {
		return nil, nil
	}
	return o.Push(name)
}

// Exposition exposes the items of one kind from all accounts and regions.
type Exposition struct {
	kind     source.Kind
	sources  Sources
	errorLog promhttp.Logger
	tags     []string
	failures messages
	warnings messages
	items    cache
	progress cache
	// gathering lets one scrape gather at a time: of ten that come at once, one
	// gathers and the others find the result in the cache.
	gathering *semaphore.Weighted
	pushed    *sdkmetric.MeterProvider // nil if nothing is pushed
}

// NewExposition exposes what the sources know of a kind. If it is pushed as well,
// the instruments for that are created here. It refreshes nothing. The caller must
// call Shutdown.
func NewExposition(kind source.Kind, sources Sources, options Options) (*Exposition, error) {
	e := &Exposition{
		kind: kind, sources: sources, errorLog: options.ErrorLog, tags: options.Tags, gathering: semaphore.NewWeighted(1),
		failures: messages{of: errorOf}, warnings: messages{of: warningOf},
	}
	provider, err := options.push(kind.Name + "s")
	if err != nil || provider == nil {
		return e, err
	}
	e.pushed = newProvider(provider...)
	gauges := slices.Concat(itemGauges(kind, e.tags), progressGauges(kind), targetGauges(kind))
	return e, e.register(e.pushed, gauges, func(ctx context.Context) scrape {
		snapshots := e.sources.Snapshots(ctx, kind.Action)
		e.keepOnly(snapshots)
		return scrape{snapshots, hasSeveralAccounts(snapshots)}
	})
}

// keepOnly forgets the messages of the targets that are not watched any more.
func (e *Exposition) keepOnly(watched []*source.Snapshot) {
	e.failures.keepOnly(watched)
	e.warnings.keepOnly(watched)
}

// Shutdown pushes once more, if it pushes.
func (e *Exposition) Shutdown(ctx context.Context) error {
	if e.pushed == nil {
		return nil
	}
	return e.pushed.Shutdown(ctx)
}

// The parameters that select the targets of a scrape. Each may be repeated.
const (
	AccountParameter = "account"
	RegionParameter  = "region"
)

// A scrape is what is gathered for one request or pushed at one time.
type scrape struct {
	snapshots    []*source.Snapshot
	multiAccount bool // whether several accounts are watched, selected or not
}

// ServeHTTP answers a scrape of the targets that its parameters select. The request's
// context carries the scrape's deadline. The sources are refreshed first, so that a
// scrape that waits for the API keeps no other from being answered.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // ignoring it would select more than the scraper wants
		http.Error(w, fmt.Sprintf("the parameters of the scrape cannot be read: %v", err), http.StatusBadRequest)
		return
	}
	selection := source.Selection{Accounts: query[AccountParameter], Regions: query[RegionParameter]}
	selected, all, err := e.sources.Select(r.Context(), e.kind.Action, selection)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.keepOnly(all)
	families, err := e.families(r.Context(), scrape{selected, hasSeveralAccounts(all)})
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		http.Error(w, "no time left before the deadline of the scrape", http.StatusServiceUnavailable)
		return
	}
	gatherer := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, err })
	promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{
		EnableOpenMetrics:   true,
		ErrorLog:            e.errorLog,
		OfferedCompressions: []promhttp.Compression{promhttp.Identity, promhttp.Gzip}, // zstd takes megabytes for each client
	}).ServeHTTP(w, r)
}

// families returns the families of a scrape in the order of their names. It waits
// for its turn until ctx ends, and gathers nothing for a client that has hung up.
func (e *Exposition) families(ctx context.Context, scrape scrape) ([]*dto.MetricFamily, error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	if !e.gathering.TryAcquire(1) { // even a moment after the deadline, if nobody waits
		if err := e.gathering.Acquire(ctx, 1); err != nil {
			return nil, err
		}
	}
	defer e.gathering.Release(1)
	items, err := e.gatherCached(&e.items, itemGauges(e.kind, e.tags), scrape, scrape.listings())
	if err != nil {
		return nil, err
	}
	progress, err := e.gatherCached(&e.progress, progressGauges(e.kind), scrape, scrape.progress())
	if err != nil {
		return nil, err
	}
	targets, err := e.gather(targetGauges(e.kind), scrape)
	if err != nil {
		return nil, err
	}
	families := slices.Concat(items, progress, targets)
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return families, nil
}

// gatherCached returns the families of gauges whose values follow from the basis alone.
func (e *Exposition) gatherCached(cache *cache, gauges []gauge, scrape scrape, basis []any) ([]*dto.MetricFamily, error) {
	if len(basis) == 0 {
		return nil, nil
	}
	if families, found := cache.get(scrape, basis); found {
		return families, nil
	}
	families, err := e.gather(gauges, scrape)
	if err != nil {
		return nil, err
	}
	cache.put(scrape, basis, families)
	return families, nil
}
