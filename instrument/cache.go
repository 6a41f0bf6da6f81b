package instrument

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"datahub_exporter/source"
)

// maxCachedSeries bounds what a cache keeps besides its newest entry. A series takes
// some 600 bytes, so this is 60 MB: the series of 25,000 tasks.
const maxCachedSeries = 100_000

// A cache keeps the families of items that were gathered last for each selection of
// targets. A source that lists the same items again publishes the same Listing, so
// they are used again until an item changes, by all scrapes. It is safe for
// concurrent use.
type cache struct {
	mu      sync.Mutex
	entries map[string]cacheEntry
	series  int // in all entries
}

// A cacheEntry is what was gathered of some listings.
type cacheEntry struct {
	listings []*source.Listing
	families []*dto.MetricFamily // shared by all scrapes, and never changed
	series   int
}

// get returns what was gathered of exactly the listings of a scrape.
func (c *cache) get(scrape scrape) (families []*dto.MetricFamily, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, found := c.entries[scrape.key()]
	return entry.families, found && slices.Equal(entry.listings, scrape.listings())
}

// put replaces what was gathered for the same selection of targets. If there is too
// much, it drops all others: clients choose the selections.
func (c *cache) put(scrape scrape, families []*dto.MetricFamily) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := cacheEntry{listings: scrape.listings(), families: families}
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

func (s scrape) listings() []*source.Listing {
	listings := make([]*source.Listing, len(s.snapshots))
	for i, snapshot := range s.snapshots {
		listings[i] = snapshot.Listing
	}
	return listings
}
