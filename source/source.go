package source

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// scrapeMargin is how long before its deadline a scrape stops waiting for a
// refresh, so that the response still reaches it.
const scrapeMargin = 500 * time.Millisecond

// stuckMargin is how long after the deadline of its refresh a flight counts as
// stuck. A refresh that ends by its deadline has ended long before that.
const stuckMargin = 5 * time.Second

// Source publishes snapshots of one Target. It is safe for concurrent use.
type Source struct {
	target  Target
	options Options
	quota   *quota

	// base is canceled when the source is closed; refreshes outlive the scrapes
	// that start them.
	base      context.Context
	cancel    context.CancelFunc
	refreshes sync.WaitGroup

	tracker *tracker // nil unless the progress of tasks is asked for

	// Used by one refresh at a time.
	journal journal
	listed  *Listing // the last good listing, however old
	memory  memory
	paging  paging

	mu       sync.Mutex
	lister   Lister       // of the next refresh
	log      *slog.Logger // from the next refresh on
	snapshot *Snapshot
	flight   *flight // nil if no refresh is in flight
}

// flight is a refresh that has not ended. Its calls share it.
type flight struct {
	began  time.Time // by Options.Now
	lister Lister    // of all its pages
	log    *slog.Logger
	calls  atomic.Int64  // so far, retries included
	due    time.Time     // when callers stop waiting for it, by the wall clock
	done   chan struct{} // closed once its snapshot is published
}

func newSource(lister Lister, options Options) *Source {
	base, cancel := context.WithCancel(context.Background())
	options = options.withDefaults()
	s := &Source{
		target:   lister.Target,
		options:  options,
		memory:   memory{target: lister.Target},
		quota:    newQuota(options.QPS),
		base:     base,
		cancel:   cancel,
		snapshot: &Snapshot{Target: lister.Target},
	}
	s.setLister(lister, options.Log)
	if options.ProgressInterval > 0 && lister.Offsets != nil {
		s.tracker = newTracker(s)
		s.refreshes.Go(s.tracker.run)
	}
	return s
}

// Close cancels a refresh in flight without publishing it, and waits for it. The
// source keeps returning its last snapshot.
func (s *Source) Close() {
	s.stop()
	s.refreshes.Wait()
}

// stop cancels a refresh in flight and lets no other begin. It does not wait.
func (s *Source) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel()
}

// setLister sets how the next refreshes list the target and log. A refresh in flight is
// not affected.
func (s *Source) setLister(lister Lister, log *slog.Logger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lister, s.log = lister, log.With("region", s.target.Region)
}

// currentLister returns how the target is listed from now on.
func (s *Source) currentLister() Lister {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lister
}

// Snapshot returns what is known about the target, refreshed first unless the last
// refresh began less than MinInterval ago. Concurrent callers share one refresh,
// which takes at most Options.Timeout, whichever caller began it. Snapshot never
// fails. It returns at the latest 0.5 s before the deadline of ctx (half of what is
// left if that is less than a second), then with the previous snapshot: an
// impatient caller does not change what the others get.
func (s *Source) Snapshot(ctx context.Context) *Snapshot {
	if flight := s.join(ctx); flight != nil {
		s.wait(ctx, flight)
	}
	s.tracker.observe()
	return s.Last()
}

// Last returns what is known about the target without refreshing it. It makes no
// call and does not wait.
func (s *Source) Last() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tracker != nil {
		s.snapshot = s.snapshot.with(s.tracker.progress())
	}
	return s.snapshot
}

// join returns the refresh to wait for, a new one if none is in flight, or nil if
// the caller should use the last snapshot.
func (s *Source) join(ctx context.Context) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.flight != nil:
		return s.flight
	case s.beganWithin(s.options.MinInterval) || ctx.Err() != nil || s.base.Err() != nil:
		return nil
	}
	s.flight = &flight{
		began:  s.options.Now(),
		lister: s.lister,
		log:    s.log.With("action", string(s.target.Action)),
		due:    time.Now().Add(s.options.Timeout + stuckMargin),
		done:   make(chan struct{}),
	}
	s.refreshes.Add(1)
	go s.refresh(s.flight)
	return s.flight
}

// olderThan reports whether the last refresh began maxAge ago or longer.
func (s *Source) olderThan(maxAge time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.beganWithin(maxAge)
}

// beganWithin reports whether the last refresh began less than age ago. It must be
// called with the lock held.
func (s *Source) beganWithin(age time.Duration) bool {
	return !s.snapshot.Began.IsZero() && s.options.Now().Sub(s.snapshot.Began) < age
}

// wait returns when the flight has ended, or when this caller can wait no longer.
// A flight that is stuck past the deadline of its refresh blocks nobody.
func (s *Source) wait(ctx context.Context, flight *flight) {
	until := flight.due
	if scrape, ok := ctx.Deadline(); ok {
		margin := min(scrapeMargin, time.Until(scrape)/2)
		if limit := scrape.Add(-margin); limit.Before(until) {
			until = limit
		}
	}
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	select {
	case <-flight.done:
	case <-ctx.Done():
	}
}

// refresh reads the listing and publishes the result.
func (s *Source) refresh(flight *flight) {
	defer s.refreshes.Done()
	ctx, cancel := context.WithTimeout(s.base, s.options.Timeout)
	defer cancel()
	begin := time.Now()
	listing, err := read(ctx, func(ctx context.Context, offset int64) (Page, error) {
		return s.call(ctx, offset, flight)
	}, &s.paging)
	report := RefreshReport{Target: s.target, Duration: time.Since(begin), Calls: flight.calls.Load()}
	s.finish(flight, listing, err, report)
}

// finish reports a refresh that has ended and publishes its snapshot.
func (s *Source) finish(flight *flight, listing *Listing, err error, report RefreshReport) {
	defer close(flight.done)
	closed := s.base.Err() != nil
	now := s.options.Now()
	if !closed { // a refresh that Close has canceled is not a failure of the API
		var failure *Error
		var changes []Change
		if err == nil {
			// No other goroutine writes s.snapshot: there is one refresh at a time.
			changes = s.memory.land(listing, s.snapshot.succeeded(), now)
			listing = listing.follow(s.listed)
			listing.keep(s.snapshot.Listing, s.snapshot.LastSuccess, now, s.options.StaleAfter)
			s.listed = listing
			report.Listing = listing
		} else {
			failure = classify(s.base, err)
			err = failure
			report.Class = failure.Class
		}
		s.journal.record(flight.log, failure, report, now)
		s.options.OnRefresh(report)
		if len(changes) > 0 {
			s.options.OnChange(changes)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight = nil
	if !closed {
		s.snapshot = s.snapshot.after(listing, err, flight.began, now, s.options.StaleAfter)
	}
}
