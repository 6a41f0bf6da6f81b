package instrument_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"datahub_exporter/source"
)

// refreshes returns the snapshots of count refreshes with that many tasks. change,
// if not nil, may modify each item.
func refreshes(count, tasks int, change func(refresh, i int, item *source.Item)) []*source.Snapshot {
	var snapshots []*source.Snapshot
	details := &source.Details{Type: "SOURCE"}
	for refresh := range count {
		listing := &source.Listing{Reported: float64(tasks)}
		for i := range tasks {
			item := source.Item{ID: fmt.Sprintf("task-%08d", i), Name: fmt.Sprint("orders-", i), Status: 1, Details: details}
			if change != nil {
				change(refresh, i, &item)
			}
			listing.Items = append(listing.Items, item)
		}
		snapshots = append(snapshots, &source.Snapshot{Target: source.Target{Region: "r"}, LastSuccess: time.Unix(int64(refresh), 0), Listing: listing})
	}
	return snapshots
}

// allocations returns how many allocations a scrape of the next snapshot takes, and
// how many labels it exposes.
func allocations(t *testing.T, tasks int, change func(refresh, i int, item *source.Item)) (allocations float64, labels int) {
	t.Helper()
	const runs = 10
	snapshots := refreshes(runs+2, tasks, change) // AllocsPerRun makes an extra run first
	sources := &counted{}
	exposition := sources.exposition(t)
	next := func() {
		sources.snapshot.Store(snapshots[0])
		snapshots = snapshots[1:]
	}
	next()
	labels = strings.Count(answer(t, exposition, "").Body.String(), `="`)
	return testing.AllocsPerRun(runs, func() {
		next()
		exposition.ServeHTTP(discard{http.Header{}}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	}), labels
}

// A snapshot in which everything is new takes few allocations, on its way through
// the SDK, the exporter and the encoder. They are counted for each
// label of each series, which all of these allocate for, and do not depend on the
// machine. A client_golang collector of constant metrics takes six;
// docs/performance.md says what the others are.
func TestANewSnapshotAllocatesLittle(t *testing.T) {
	const most = 9
	rename := func(refresh, i int, item *source.Item) { item.Name = fmt.Sprintf("orders-%d-%d", refresh, i) }
	allocations(t, 1, rename) // what a process makes only once
	few, fewLabels := allocations(t, 1000, rename)
	many, manyLabels := allocations(t, 3000, rename)
	if have := (many - few) / float64(manyLabels-fewLabels); have > most {
		t.Errorf("allocations for a label: want %d at the most, have %.1f", most, have)
	}
}

// A new snapshot costs only what is new in it: next to nothing if its items are the
// same, and one run of series if one item differs.
func TestASnapshotCostsWhatIsNewInIt(t *testing.T) {
	allocations(t, 1, nil) // what a process makes only once
	few, _ := allocations(t, 1000, nil)
	many, _ := allocations(t, 5000, nil)
	if more := many - few; more > 200 {
		t.Errorf("allocations for 4,000 more items that stay: want 200 at the most, have %v", more)
	}
	change := func(refresh, i int, item *source.Item) {
		if i == 0 {
			item.Status = float64(refresh)
		}
	}
	few, _ = allocations(t, 1000, change)
	many, _ = allocations(t, 5000, change)
	if more := many - few; more > 300 {
		t.Errorf("allocations for one change among 4,000 more items: want 300 more at the most, have %v", more)
	}
}
