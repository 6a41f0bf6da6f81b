package instrument

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/source"
)

// labels are the attribute sets of one target and its items, in the order of
// the listing.
type labels struct {
	target  metric.MeasurementOption
	items   []*itemLabels
	order   []int           // indexes of the items, sorted by ID
	taken   int             // position in order up to which take has looked
	listing *source.Listing // what they were built for
}

// labelCache keeps the labels of each target, and those of an item for as long as
// it is listed and its data stays the same: building them costs more than observing
// the values. It is safe for concurrent use, because each reader runs the callback
// on its own.
type labelCache struct {
	kind source.Kind

	mu       sync.Mutex
	several  bool // whether there are several accounts, which makes the account a label
	byTarget map[source.Target]*labels
}

func newLabelCache(kind source.Kind) *labelCache {
	return &labelCache{kind: kind, byTarget: map[source.Target]*labels{}}
}

// of returns the labels of each snapshot that a scrape wants. The snapshots of all
// targets say how many accounts there are, and which labels are still needed.
func (c *labelCache) of(scrape scrape) []*labels {
	c.mu.Lock()
	defer c.mu.Unlock()
	if several := severalAccounts(scrape.all); several != c.several {
		c.several = several
		clear(c.byTarget)
	}
	wanted := make([]*labels, len(scrape.wanted))
	for i, snapshot := range scrape.wanted {
		cached, ok := c.byTarget[snapshot.Target]
		if !ok || cached.listing != snapshot.Listing {
			cached = c.build(snapshot, cached)
			c.byTarget[snapshot.Target] = cached
		}
		wanted[i] = cached
	}
	if len(c.byTarget) > len(scrape.all) {
		c.forget(scrape.all)
	}
	return wanted
}

// forget drops the labels of the targets that are gone.
func (c *labelCache) forget(snapshots []*source.Snapshot) {
	watched := make(map[source.Target]bool, len(snapshots))
	for _, snapshot := range snapshots {
		watched[snapshot.Target] = true
	}
	maps.DeleteFunc(c.byTarget, func(target source.Target, _ *labels) bool { return !watched[target] })
}

func severalAccounts(snapshots []*source.Snapshot) bool {
	return slices.ContainsFunc(snapshots, func(snapshot *source.Snapshot) bool {
		return snapshot.Target.Account != snapshots[0].Target.Account
	})
}

// build builds the labels of a snapshot. It reuses labels of items that are still
// listed from before, which may be nil.
func (c *labelCache) build(snapshot *source.Snapshot, before *labels) *labels {
	target := targetLabels(snapshot.Target, c.several)
	if before == nil {
		before = &labels{target: (&maker{target: target}).set()}
	}
	built := &labels{listing: snapshot.Listing, target: before.target}
	if snapshot.Listing == nil {
		return built
	}
	items := snapshot.Listing.Items
	built.order = make([]int, len(items))
	for i := range items {
		built.order[i] = i
	}
	slices.SortFunc(built.order, func(a, b int) int { return strings.Compare(items[a].ID, items[b].ID) })
	built.items = make([]*itemLabels, len(items))
	for _, i := range built.order {
		built.items[i] = before.take(items[i].ID)
	}
	var making sync.WaitGroup
	for part := range slices.Chunk(built.order, len(items)/runtime.GOMAXPROCS(0)+1) {
		making.Go(func() {
			maker := &maker{Kind: c.kind, target: target}
			for _, i := range part {
				built.items[i] = maker.label(&items[i], built.items[i])
			}
		})
	}
	making.Wait()
	return built
}

// take returns the labels of an item, or nil if there are none. Calls must be in
// ascending order of the IDs.
func (l *labels) take(id string) *itemLabels {
	for ; l.taken < len(l.order); l.taken++ {
		at := l.order[l.taken]
		switch strings.Compare(l.listing.Items[at].ID, id) {
		case 0:
			return l.items[at]
		case 1:
			return nil
		}
	}
	return nil
}

// maker makes the labels of the items of one target.
type maker struct {
	source.Kind
	target  []attribute.KeyValue
	scratch []attribute.KeyValue
	more    []attribute.KeyValue
}

// targetLabels returns the labels that all series of a target have: the region, and
// the account if there are several.
func targetLabels(target source.Target, several bool) []attribute.KeyValue {
	labels := []attribute.KeyValue{attribute.String("region", target.Region)}
	if several {
		labels = append(labels, attribute.String("account", target.Account))
	}
	return labels
}

// set returns an attribute set of the target's labels and more. It does not keep
// either.
func (m *maker) set(more ...attribute.KeyValue) metric.MeasurementOption {
	m.scratch = append(append(m.scratch[:0], more...), m.target...) // NewSet sorts this, faster if it is almost sorted
	return metric.WithAttributeSet(attribute.NewSet(m.scratch...))
}
