package source

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHangingRefreshDoesNotDelayTheScrape(t *testing.T) {
	tests := map[string]struct {
		scrape time.Duration // announced by the scraper; 0: none
		want   time.Duration // until it gets a response
		seen   seen          // the previous snapshot, while the refresh continues
	}{
		"no scrape deadline: Timeout":              {0, 8 * time.Second, seen{0, false, 1}},
		"long scrape deadline: Timeout":            {time.Minute, 8 * time.Second, seen{0, false, 1}},
		"scrape deadline: half a second before":    {3 * time.Second, 2500 * time.Millisecond, seen{}},
		"tiny scrape deadline: half of it is left": {400 * time.Millisecond, 200 * time.Millisecond, seen{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := (&api{delay: time.Hour}).source(options)
				ctx := t.Context()
				if test.scrape > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.scrape)
					defer cancel()
				}
				start := time.Now()
				have := source.Snapshot(ctx)
				if took := time.Since(start); took != test.want {
					t.Errorf("returned after: want %v, have %v", test.want, took)
				}
				if diff := cmp.Diff(test.seen, see(have)); diff != "" {
					t.Errorf("snapshot (-want +have):\n%s", diff)
				}
				// The refresh itself takes Timeout, whoever began it.
				have = source.Snapshot(t.Context())
				if took := time.Since(start); took != options.Timeout {
					t.Errorf("the refresh lasted: want %v, have %v", options.Timeout, took)
				}
				if failure := new(Error); !errors.As(have.Err, &failure) || failure.Class != Timeout {
					t.Errorf("class: want %s, have %v", Timeout, have.Err)
				}
			})
		})
	}
}

func TestCallerWithLessTimeGetsThePreviousSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 3)}
		source := api.source(options)
		before := source.Snapshot(t.Context())
		time.Sleep(time.Minute)
		api.delay = 5 * time.Second
		go source.Snapshot(t.Context())
		synctest.Wait()

		hurried, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		if source.Snapshot(hurried) != before {
			t.Error("want the snapshot before")
		}
		if took := time.Since(start); took != 1500*time.Millisecond {
			t.Errorf("returned after: want 1.5s, have %v", took)
		}
		if have := source.Snapshot(t.Context()); !have.Began.After(before.Began) {
			t.Error("the refresh did not go on for those who can wait")
		}
	})
}

func TestCallerThatHangsUpEndsNoRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 3), delay: time.Second}
		source := api.source(options)
		impatient, hangUp := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			hangUp()
		}()
		source.Snapshot(impatient)
		if diff := cmp.Diff(seen{3, true, 0}, see(source.Snapshot(t.Context()))); diff != "" {
			t.Errorf("snapshot (-want +have):\n%s", diff)
		}
		if have := api.calls.Load(); have != 1 {
			t.Errorf("calls: want 1, have %d", have)
		}
	})
}

func TestCallerWithoutTimeStartsNoRefresh(t *testing.T) {
	api := &api{items: tasks(1, 3)}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if diff := cmp.Diff(seen{}, see(api.source(options).Snapshot(gone))); diff != "" {
		t.Errorf("snapshot (-want +have):\n%s", diff)
	}
	if have := api.calls.Load(); have != 0 {
		t.Errorf("calls: want 0, have %d", have)
	}
}

// This takes only two servers with ordinary timeouts and a slow API: the one that
// cannot wait must not fail the one that can.
func TestImpatientCallerFailsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 150), delay: 150 * time.Millisecond}
		source := api.source(Options{Timeout: 8 * time.Second, QPS: DefaultQPS})
		want := seen{150, true, 0}
		if diff := cmp.Diff(want, see(source.Snapshot(t.Context()))); diff != "" {
			t.Fatalf("first snapshot (-want +have):\n%s", diff)
		}
		for range 40 {
			impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			if diff := cmp.Diff(want, see(source.Snapshot(impatient))); diff != "" {
				t.Errorf("impatient reader (-want +have):\n%s", diff)
			}
			cancel()
			time.Sleep(310 * time.Millisecond)
			if diff := cmp.Diff(want, see(source.Snapshot(t.Context()))); diff != "" {
				t.Errorf("patient reader (-want +have):\n%s", diff)
			}
		}
	})
}
