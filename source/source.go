package source

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// scrapeMargin is how long before its deadline a reader stops waiting for a
// refresh, so that the answer still reaches it.
const scrapeMargin = 500 * time.Millisecond

// Source publishes snapshots of one Target. It is safe for concurrent use.
type Source struct {
	target  Target
	fetch   fetch
	options Options
	quota   *quota

	// base ends when the source is closed; refreshes outlive the scrapes that
	// start them.
	base      context.Context
	cancel    context.CancelFunc
	refreshes sync.WaitGroup

	journal *journal // used by one refresh after the other

	mu       sync.Mutex
	snapshot *Snapshot
	flight   *flight // nil while no refresh is under way
}

// flight is a refresh under way.
type flight struct {
	began time.Time     // by Options.Now
	done  chan struct{} // closed once its snapshot is published
}

// Open returns a source for each region of each account and each action. It makes
// no call. The sources are closed by Close.
func Open(accounts []Account, transport http.RoundTripper, options Options) ([]*Source, error) {
	var sources []*Source
	for _, account := range accounts {
		for _, region := range account.Regions {
			client, err := newClient(account, region, transport)
			if err != nil {
				return nil, fmt.Errorf("set up client for region %s: %w", region, err)
			}
			for _, action := range []Action{Tasks, Connections} {
				target := Target{Account: account.Name, Region: region, Action: action}
				sources = append(sources, newSource(target, client.list(action), options))
			}
		}
	}
	return sources, nil
}

func newSource(target Target, fetch fetch, options Options) *Source {
	base, cancel := context.WithCancel(context.Background())
	options = options.withDefaults()
	return &Source{
		target:   target,
		fetch:    fetch,
		options:  options,
		quota:    newQuota(options.QPS),
		journal:  newJournal(options.Log, target),
		base:     base,
		cancel:   cancel,
		snapshot: &Snapshot{Target: target},
	}
}

// Target says what the source asks for.
func (s *Source) Target() Target { return s.target }

// Close ends a refresh under way without publishing it, and waits for it. The
// source keeps returning its last snapshot.
func (s *Source) Close() {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	s.refreshes.Wait()
}

// Snapshot returns what is known of the target, refreshed first unless the last
// refresh began less than MinInterval ago. Callers of one moment share one
// refresh, which lasts for Options.Timeout at the most, whoever began it. It
// never fails. It returns at the latest 0.5 s before the deadline of ctx (half
// of what is left of it where that is less than a second), then with the
// snapshot before: what a caller does, however impatient, changes no other
// caller's answer.
func (s *Source) Snapshot(ctx context.Context) *Snapshot {
	if flight := s.board(ctx); flight != nil {
		s.wait(ctx, flight)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot
}

// board returns the refresh to wait for, a new one if none is under way, or nil
// if the snapshot is good as it is.
func (s *Source) board(ctx context.Context) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.flight != nil:
		return s.flight
	case s.fresh() || ctx.Err() != nil || s.base.Err() != nil:
		return nil
	}
	s.flight = &flight{began: s.options.Now(), done: make(chan struct{})}
	s.refreshes.Add(1)
	go s.refresh(s.flight)
	return s.flight
}

func (s *Source) fresh() bool {
	return !s.snapshot.Began.IsZero() && s.options.Now().Sub(s.snapshot.Began) < s.options.MinInterval
}

// wait returns when the flight has landed, or when this caller can wait no
// longer.
func (s *Source) wait(ctx context.Context, flight *flight) {
	if scrape, ok := ctx.Deadline(); ok {
		margin := min(scrapeMargin, time.Until(scrape)/2)
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, scrape.Add(-margin))
		defer cancel()
	}
	select {
	case <-flight.done:
	case <-ctx.Done():
	}
}

// tries counts the calls of one refresh.
type tries struct{ count atomic.Int64 }

// refresh reads the listing and publishes what came of it.
func (s *Source) refresh(flight *flight) {
	defer s.refreshes.Done()
	ctx, cancel := context.WithTimeout(s.base, s.options.Timeout)
	defer cancel()
	var tries tries
	begin := time.Now()
	listing, err := read(ctx, func(ctx context.Context, offset int64) (page, error) {
		return s.call(ctx, offset, &tries)
	})
	report := RefreshReport{Target: s.target, Duration: time.Since(begin), Calls: tries.count.Load()}
	s.land(flight, listing, err, report)
}

// land tells of a refresh that has ended and publishes its snapshot.
func (s *Source) land(flight *flight, listing *Listing, err error, report RefreshReport) {
	defer close(flight.done)
	closed := s.base.Err() != nil
	now := s.options.Now()
	if !closed { // what was canceled because the source closes is no failure of the API's
		var failure *Error
		if err == nil {
			// No other goroutine writes s.snapshot: there is one refresh at a time.
			listing.keep(s.snapshot.Listing, s.snapshot.LastSuccess, now, s.options.StaleAfter)
			report.Skipped = listing.Skipped
			report.Kept, report.KeptSince = listing.Kept()
		} else {
			failure = classify(s.base, err)
			report.Class = failure.Class
		}
		s.journal.record(failure, report, now)
		s.options.OnRefresh(report)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight = nil
	if !closed {
		s.snapshot = s.snapshot.after(listing, err, flight.began, now, s.options.StaleAfter)
	}
}
