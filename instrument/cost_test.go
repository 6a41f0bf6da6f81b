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

// What a new snapshot costs on its way through the SDK, the exporter, the registry
// and the encoder, on whatever machine: for each label of each series, which is
// what all of them allocate for. A client_golang collector of constant metrics
// takes six; docs/performance.md says what the others are.
func TestANewSnapshotAllocatesLittle(t *testing.T) {
	const runs, most = 10, 11
	measure := func(count int) (allocations float64, labels int) {
		var snapshots []*source.Snapshot
		for range runs + 2 { // AllocsPerRun tries once before
			listing := &source.Listing{Reported: float64(count)}
			for i := range count {
				listing.Items = append(listing.Items, source.Item{ID: fmt.Sprintf("task-%08d", i), Name: fmt.Sprint("orders-", i), Status: 1})
			}
			snapshots = append(snapshots, &source.Snapshot{Target: source.Target{Region: "r"}, LastSuccess: time.Unix(1, 0), Listing: listing})
		}
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
	measure(1) // what is made once in a process
	few, fewLabels := measure(1000)
	many, manyLabels := measure(3000)
	if have := (many - few) / float64(manyLabels-fewLabels); have > most {
		t.Errorf("allocations for a label: want %d at the most, have %.1f", most, have)
	}
}
