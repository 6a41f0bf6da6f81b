package instrument

import (
	"fmt"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"datahub_exporter/source"
)

// A cache has the newest entry of each selection, and is bounded however many
// selections are scraped.
func TestCacheIsBounded(t *testing.T) {
	const each = maxCachedSeries/4 + 1
	families := []*dto.MetricFamily{{Metric: make([]*dto.Metric, each)}}
	of := func(region string) scrape {
		return scrape{snapshots: []*source.Snapshot{{Target: source.Target{Region: region}, Listing: &source.Listing{}}}}
	}
	var c cache
	for i := range 20 {
		selected := of(fmt.Sprint("region-", i%7))
		c.put(selected, selected.listings(), families)
		if _, found := c.get(selected, selected.listings()); !found {
			t.Errorf("%d: want what was put last", i)
		}
		if _, found := c.get(selected, of("another").listings()); found {
			t.Errorf("%d: want nothing for another listing of the same target", i)
		}
		series := 0
		for _, entry := range c.entries {
			series += entry.series
		}
		if series != c.series || series > maxCachedSeries {
			t.Errorf("%d: want at most %d series, have %d, counted as %d", i, maxCachedSeries, series, c.series)
		}
	}
	one, several := of("region"), scrape{multiAccount: true}
	several.snapshots = one.snapshots
	c.put(one, one.listings(), families)
	if _, found := c.get(several, several.listings()); found {
		t.Error("want nothing for the same listing with the account as a label")
	}
}
