package instrument

import (
	"slices"
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
	listing *source.Listing // that they were built for
	byID    map[string]*itemLabels
}

// labelCache keeps the labels of each target, and those of an item for as long as
// it is listed and what they are made of stays: to build them costs more than to
// observe the values. It is safe for concurrent use, for each reader runs the
// callback on its own.
type labelCache struct {
	kind   Kind
	labels Labels

	mu       sync.Mutex
	byTarget map[source.Target]*labels
}

func newLabelCache(kind Kind, of Labels) *labelCache {
	return &labelCache{kind: kind, labels: of, byTarget: map[source.Target]*labels{}}
}

func (c *labelCache) of(snapshot *source.Snapshot) *labels {
	c.mu.Lock()
	defer c.mu.Unlock()
	cached, ok := c.byTarget[snapshot.Target]
	if !ok || cached.listing != snapshot.Listing {
		cached = c.build(snapshot, cached)
		c.byTarget[snapshot.Target] = cached
	}
	return cached
}

// build takes over from the labels of before, which may be nil, those of the
// items that are still listed.
func (c *labelCache) build(snapshot *source.Snapshot, before *labels) *labels {
	base := c.labels.of(snapshot.Target)
	if before == nil {
		before = &labels{target: set(base)}
	}
	built := &labels{listing: snapshot.Listing, target: before.target}
	if snapshot.Listing == nil {
		return built
	}
	built.items = make([]*itemLabels, len(snapshot.Listing.Items))
	built.byID = make(map[string]*itemLabels, len(snapshot.Listing.Items))
	for i := range snapshot.Listing.Items {
		item := &snapshot.Listing.Items[i]
		labels := c.kind.label(item, base, before.byID[item.ID])
		built.items[i], built.byID[item.ID] = labels, labels
	}
	return built
}

// Labels says which labels the series of a target have: the region, and the
// account where there is more than one. It is decided once, for all series.
type Labels struct {
	account bool
}

// NewLabels returns the labels for so many accounts.
func NewLabels(accounts int) Labels { return Labels{account: accounts > 1} }

func (l Labels) of(target source.Target) []attribute.KeyValue {
	labels := []attribute.KeyValue{attribute.String("region", target.Region)}
	if l.account {
		labels = append(labels, attribute.String("account", target.Account))
	}
	return labels
}

func set(base []attribute.KeyValue, more ...attribute.KeyValue) metric.MeasurementOption {
	// NewSet sorts in place, so each set needs a slice of its own.
	return metric.WithAttributeSet(attribute.NewSet(slices.Concat(base, more)...))
}
