package instrument_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"datahub_exporter/source"
)

// A scrape in which all of 2,000 tasks change costs little more than one in which all of
// them say something new and none changes.
func TestChangesCostAScrapeLittle(t *testing.T) {
	const tasks = 2000
	found := 0
	allocations := func(changed func(item *source.Item, round int)) float64 {
		round := 0
		list := func(_ context.Context, offset int64) (source.Page, error) {
			page := source.Page{Total: tasks}
			for i := offset; i < min(offset+source.PageSize, tasks); i++ {
				item := source.Item{ID: fmt.Sprintf("task-%04d", i), Name: "orders", Status: 1, Details: &source.Details{}}
				changed(&item, round)
				page.Items = append(page.Items, item)
			}
			return page, nil
		}
		sources := source.Open([]source.Lister{{Target: source.Target{Region: "r", Action: source.Tasks}, List: list}},
			source.Options{Timeout: time.Hour, StaleAfter: time.Hour, QPS: source.MaxQPS, OnChange: func(changes []source.Change) { found += len(changes) }})
		defer sources.Close()
		exposition := expose(t, source.TaskKind(), sources).Config.Handler
		return testing.AllocsPerRun(3, func() {
			round++
			exposition.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		})
	}
	without := allocations(func(item *source.Item, round int) { item.Details.Description = strconv.Itoa(round) })
	if found != 0 {
		t.Errorf("changes without any: have %d", found)
	}
	with := allocations(func(item *source.Item, round int) {
		item.Details.Description = strconv.Itoa(round)
		item.Status = []float64{5, 6}[round%2] // states of names as long
	})
	if found != 3*tasks {
		t.Errorf("changes: want %d, have %d", 3*tasks, found)
	}
	if with > 1.1*without {
		t.Errorf("allocations of a scrape: want at most a tenth more than %v, have %v", without, with)
	}
	t.Logf("%v allocations without changes, %v with", without, with)
}
