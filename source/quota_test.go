package source

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// arrivals makes calls as fast as the quota lets them, each with a given latency,
// and returns when each reached the API. That is at the end of the call, the worst
// case for a window that the API counts.
func arrivals(t *testing.T, q *quota, calls int, latency func(call int) time.Duration) []time.Duration {
	t.Helper()
	begin := time.Now()
	var mu sync.Mutex
	var arrived []time.Duration
	var all sync.WaitGroup
	for call := range calls {
		all.Go(func() {
			if err := q.acquire(t.Context()); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(latency(call))
			mu.Lock()
			arrived = append(arrived, time.Since(begin))
			mu.Unlock()
			q.release(nil)
		})
	}
	all.Wait()
	slices.Sort(arrived)
	return arrived
}

func TestQuotaHoldsInEveryWindow(t *testing.T) {
	latencies := map[string]func(call int) time.Duration{
		"at once":      func(int) time.Duration { return 0 },
		"steady":       func(int) time.Duration { return 50 * time.Millisecond },
		"jitter":       func(call int) time.Duration { return time.Duration(call*37%900) * time.Millisecond },
		"slow, quick":  func(call int) time.Duration { return time.Duration(call%2) * 950 * time.Millisecond },
		"some for 3 s": func(call int) time.Duration { return time.Duration(call%7/6) * 3 * time.Second },
	}
	for name, latency := range latencies {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				arrived := arrivals(t, newQuota(20), 200, latency)
				for i := 20; i < len(arrived); i++ {
					if apart := arrived[i] - arrived[i-20]; apart < quotaWindow {
						t.Fatalf("calls %d to %d arrived within %v", i-20, i, apart)
					}
				}
			})
		})
	}
}

func TestQuotaIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived := arrivals(t, newQuota(20), 45, func(int) time.Duration { return 50 * time.Millisecond })
		have := []time.Duration{arrived[0], arrived[19], arrived[20], arrived[39], arrived[40], arrived[44]}
		const first, second, third = 50 * time.Millisecond, 1100 * time.Millisecond, 2150 * time.Millisecond
		want := []time.Duration{first, first, second, second, third, third}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("arrivals of the calls 0, 19, 20, 39, 40 and 44 (-want +have):\n%s", diff)
		}
	})
}

func TestThrottledCallsSlowDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQuota(20)
		throttled := &Error{Class: Throttled}
		begin := time.Now()
		for range 8 { // in flight together
			if err := q.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for range 8 {
			q.release(throttled)
		}
		var starts []time.Duration
		for _, err := range []*Error{throttled, nil, nil, nil, nil, nil} {
			if err := q.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
			starts = append(starts, time.Since(begin))
			q.release(err)
		}
		want := []time.Duration{
			time.Second,             // a window after the first refusals
			2 * time.Second,         // a window after the second one
			2200 * time.Millisecond, // then with a spacing of 0.2 s,
			2300 * time.Millisecond, // which halves with each success
			2350 * time.Millisecond,
			2350 * time.Millisecond,
		}
		if diff := cmp.Diff(want, starts); diff != "" {
			t.Errorf("starts (-want +have):\n%s", diff)
		}
	})
}

func TestThrottlingHoldsBackCallsThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQuota(2)
		for range 2 {
			_ = q.acquire(t.Context())
		}
		begin := time.Now()
		q.release(nil)
		started := make(chan time.Duration)
		go func() {
			_ = q.acquire(t.Context()) // waits for the slot until second 1
			started <- time.Since(begin)
		}()
		time.Sleep(900 * time.Millisecond)
		q.release(&Error{Class: Throttled})
		if want, have := 1900*time.Millisecond, <-started; have != want {
			t.Errorf("start: want %v, have %v", want, have)
		}
	})
}

func TestQuotaGivesUpWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQuota(1)
		if err := q.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		want := "timeout: no call could start before the deadline of the refresh, with at most 1 calls a second"
		if err := q.acquire(short); err == nil || err.Error() != want {
			t.Errorf("while the slot is taken: want %q, have %v", want, err)
		}
		q.release(nil)
		short, cancel = context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if err := q.acquire(short); err == nil || err.Error() != want {
			t.Errorf("while the slot rests: want %q, have %v", want, err)
		}
		if err := q.acquire(t.Context()); err != nil {
			t.Errorf("the slot is lost: %v", err)
		}
	})
}

// Callers that wait and give up must not delay those after them.
func TestCallersThatGiveUpLeaveNoReservation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQuota(20)
		throttled := &Error{Class: Throttled}
		for range 6 { // until the spacing is one second
			if err := q.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
			q.release(throttled)
		}
		begin := time.Now()
		var canceled sync.WaitGroup
		for range 8 {
			canceled.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if err := q.acquire(ctx); err == nil {
					t.Error("a call started while the API throttles")
				}
			})
		}
		canceled.Wait()
		if err := q.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want, have := quotaWindow, time.Since(begin); have != want {
			t.Errorf("next start after 8 callers that gave up: want %v, have %v", want, have)
		}
	})
}

// Throttling must not outlive its cause, even if refreshes are shorter than the
// pause after a refusal.
func TestShortRefreshesRecoverFromThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &api{items: tasks(1, 150), err: &Error{Class: Throttled, Code: "RequestLimitExceeded"}}
		source := api.source(Options{Timeout: 800 * time.Millisecond, MinInterval: 200 * time.Millisecond, StaleAfter: time.Minute, QPS: DefaultQPS})
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for range 14 {
			source.Snapshot(t.Context())
			<-tick.C
		}
		api.err = nil
		const most = 5
		for scrape := range most {
			if source.Snapshot(t.Context()).Up() {
				t.Logf("scrape %d after the throttling succeeds", scrape+1)
				return
			}
			<-tick.C
		}
		t.Errorf("not recovered after %d scrapes", most)
	})
}
