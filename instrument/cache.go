package instrument

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
)

// maxCachedSeries bounds what a cache keeps besides its newest entry. A series takes
// some 600 bytes, so this is 60 MB: the series of 25,000 tasks.
const maxCachedSeries = 100_000

// A cache keeps the families of items that were gathered last for each selection of
// targets. A source that lists the same items again publishes the same Listing, and the
// same Progress until it learns more, so they are used again until an item changes, by
// all scrapes. It is safe for concurrent use.
type cache struct {
	mu      sync.Mutex
	entries map[string]cacheEntry
	series  int // in all entries
}

// A cacheEntry is what was gathered of some listings and what else was published of
// them.
type cacheEntry struct {
	basis    []any               // pointers
	families []*dto.MetricFamily // shared by all scrapes, and never changed
	series   int
}

// get returns what was gathered of exactly the same basis.
func (c *cache) get(scrape scrape, basis []any) (families []*dto.MetricFamily, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, found := c.entries[scrape.key()]
	return entry.families, found && slices.Equal(entry.basis, basis)
}

// put replaces what was gathered for the same selection of targets. If there is too
// much, it drops all others: clients choose the selections.
func (c *cache) put(scrape scrape, basis []any, families []*dto.MetricFamily) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := cacheEntry{basis: basis, families: families}
	for _, family := range families {
		entry.series += len(family.GetMetric())
	}
	key := scrape.key()
	c.series += entry.series - c.entries[key].series
	if c.entries == nil || c.series > maxCachedSeries {
		c.entries, c.series = map[string]cacheEntry{}, entry.series
	}
	c.entries[key] = entry
}

// key names the targets of a scrape, and what else decides their labels.
func (s scrape) key() string {
	var key strings.Builder
	fmt.Fprint(&key, s.multiAccount)
	for _, snapshot := range s.snapshots {
		fmt.Fprintf(&key, "\n%s %s", snapshot.Target.Account, snapshot.Target.Region)
	}
	return key.String()
}

func (s scrape) listings() []any {
	listings := make([]any, len(s.snapshots))
	for i, snapshot := range s.snapshots {
		listings[i] = snapshot.Listing
	}
	return listings
}

// progress returns what is known of the progress of listed tasks, nil if nobody asks for
// it.
func (s scrape) progress() []any {
	var progress []any
	for _, snapshot := range s.snapshots {
		if snapshot.Progress != nil {
			progress = append(progress, snapshot.Progress, snapshot.Listing)
		}
	}
	return progress
}
