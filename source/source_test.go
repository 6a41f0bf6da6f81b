package source

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var options = Options{Timeout: 8 * time.Second, MinInterval: 10 * time.Second, StaleAfter: 5 * time.Minute, QPS: DefaultQPS}

// errOutage is an error that is not retried.
var errOutage = &Error{Class: Permission, Code: "UnauthorizedOperation", Message: "not allowed"}

// api is an API in memory, whose calls take a given time and fail with err.
type api struct {
	items []Item
	err   error
	delay time.Duration
	calls atomic.Int64
}

func (a *api) fetch(ctx context.Context, offset int64) (Page, error) {
	a.calls.Add(1)
	select {
	case <-time.After(a.delay):
	case <-ctx.Done():
		return Page{}, ctx.Err()
	}
	return cut(a.items, offset, float64(len(a.items))), a.err
}

func (a *api) source(options Options) *Source {
	return newSource(Lister{Target: Target{Region: "ap-guangzhou", Action: Tasks}, List: a.fetch}, options)
}

// seen is what a reader of the series sees of a snapshot.
type seen struct {
	Items    int
	Up       bool
	Failures int64
}

func see(snapshot *Snapshot) seen {
	listed := 0
	if snapshot.Listing != nil {
		listed = len(snapshot.Listing.Items)
	}
	return seen{Items: listed, Up: snapshot.Up(), Failures: snapshot.Failures}
}

func TestConcurrentCallersShareOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 150), delay: time.Second}
		source := api.source(options)
		var scrapes sync.WaitGroup
		for range 60 {
			scrapes.Go(func() {
				if diff := cmp.Diff(seen{150, true, 0}, see(source.Snapshot(t.Context()))); diff != "" {
					t.Errorf("snapshot (-want +have):\n%s", diff)
				}
			})
		}
		scrapes.Wait()
		if have := api.calls.Load(); have != 2 {
			t.Errorf("calls for two pages: want 2, have %d", have)
		}
	})
}

func TestSnapshotServesUntilMinInterval(t *testing.T) {
	for name, err := range map[string]error{"success": nil, "failure": errOutage} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &api{items: tasks(1, 3), err: err}
				source := api.source(options)
				first := source.Snapshot(t.Context())
				time.Sleep(options.MinInterval - time.Nanosecond)
				if source.Snapshot(t.Context()) != first {
					t.Error("a snapshot younger than MinInterval was refreshed")
				}
				time.Sleep(time.Nanosecond)
				if source.Snapshot(t.Context()) == first {
					t.Error("a snapshot as old as MinInterval was not refreshed")
				}
			})
		})
	}
}

func TestFailureKeepsItemsUntilStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 3)}
		source := api.source(options)
		steps := []struct {
			after time.Duration
			err   error
			want  seen
		}{
			{0, nil, seen{3, true, 0}},
			{time.Minute, errOutage, seen{3, false, 1}},
			{time.Minute, nil, seen{3, true, 1}},
			{time.Minute, errOutage, seen{3, false, 2}},
			{3*time.Minute + 59*time.Second, errOutage, seen{3, false, 3}},
			{time.Minute, errOutage, seen{0, false, 4}},
			{time.Minute, nil, seen{3, true, 4}},
		}
		var succeeded time.Time
		for i, step := range steps {
			time.Sleep(step.after)
			api.err = step.err
			if step.err == nil {
				succeeded = time.Now()
			}
			have := source.Snapshot(t.Context())
			if diff := cmp.Diff(step.want, see(have)); diff != "" {
				t.Errorf("step %d (-want +have):\n%s", i, diff)
			}
			if !have.LastSuccess.Equal(succeeded) {
				t.Errorf("step %d: last success: want %v, have %v", i, succeeded, have.LastSuccess)
			}
		}
	})
}

func TestStaleAfterZeroDropsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 3)}
		source := api.source(Options{Timeout: time.Second, QPS: DefaultQPS})
		source.Snapshot(t.Context())
		api.err = errOutage
		if diff := cmp.Diff(seen{0, false, 1}, see(source.Snapshot(t.Context()))); diff != "" {
			t.Errorf("snapshot (-want +have):\n%s", diff)
		}
	})
}

func TestPanicIsACountedFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newSource(Lister{List: func(context.Context, int64) (Page, error) { return *(*Page)(nil), nil }}, options)
		have := source.Snapshot(t.Context())
		if diff := cmp.Diff(seen{0, false, 1}, see(have)); diff != "" {
			t.Errorf("snapshot (-want +have):\n%s", diff)
		}
		if want := "decode: panic on an answer: runtime error: invalid memory address or nil pointer dereference"; have.Err.Error() != want {
			t.Errorf("error: want %q, have %q", want, have.Err)
		}
	})
}

func TestCloseEndsARefreshWithoutCountingIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{delay: time.Hour}
		source := api.source(options)
		var have *Snapshot
		var scrape sync.WaitGroup
		scrape.Go(func() { have = source.Snapshot(t.Context()) })
		synctest.Wait()
		source.Close()
		scrape.Wait()
		if diff := cmp.Diff(seen{}, see(have)); diff != "" {
			t.Errorf("snapshot (-want +have):\n%s", diff)
		}
		source.Snapshot(t.Context())
		if calls := api.calls.Load(); calls != 1 {
			t.Errorf("calls after Close: want none, have %d", calls-1)
		}
	})
}

func TestCloseWaitsForTheRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		source := newSource(Lister{List: func(context.Context, int64) (Page, error) {
			time.Sleep(time.Second) // whatever the context says
			ended.Store(true)
			return Page{}, nil
		}}, options)
		go source.Snapshot(t.Context())
		synctest.Wait()
		source.Close()
		if !ended.Load() {
			t.Error("Close returned while the refresh was under way")
		}
	})
}

// A scraper whose interval is MinInterval gets a new result each time, however long
// the API took for the previous one.
func TestAgeCountsFromTheBeginningOfTheRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 3), delay: 2 * time.Second}
		source := api.source(options)
		tick := time.NewTicker(options.MinInterval)
		defer tick.Stop()
		const scrapes = 12
		for range scrapes {
			source.Snapshot(t.Context())
			<-tick.C
		}
		if have := api.calls.Load(); have != scrapes {
			t.Errorf("calls for %d scrapes: want one each, have %d", scrapes, have)
		}
	})
}
