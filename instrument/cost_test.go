package instrument_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
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

// bursts counts what a pacer is told.
type bursts struct{ begun, ended, adapted atomic.Int64 }

func (b *bursts) Begin() (end func()) {
	b.begun.Add(1)
	return func() { b.ended.Add(1) }
}

func (b *bursts) Adapt() {
	if b.begun.Load() > b.ended.Load() {
		b.adapted.Add(1)
	}
}

// A pacer is told of each exposition that is made, and before each run of series,
// which leaves up to a megabyte of garbage. It is not told of one that is known.
func TestAPacerIsToldOfGarbage(t *testing.T) {
	const tasks, run, families = 2000, 100, 3 // families that have a series for each task
	sources, told := &counted{}, &bursts{}
	sources.snapshot.Store(refreshes(1, tasks, nil)[0])
	exposition := sources.exposition(t)
	exposition.Pace(told)
	for range 2 {
		answer(t, exposition, "")
		if told.begun.Load() != 1 || told.ended.Load() != 1 || told.adapted.Load() < tasks/run*families {
			t.Errorf("want 1 burst and %d runs, have %d that began, %d that ended and %d runs",
				tasks/run*families, told.begun.Load(), told.ended.Load(), told.adapted.Load())
		}
	}
}
