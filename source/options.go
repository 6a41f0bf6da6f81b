package source

import (
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"
)

// Defaults of Options.
const (
	DefaultTimeout     = 8 * time.Second
	DefaultMinInterval = 10 * time.Second
	DefaultStaleAfter  = 5 * time.Minute // as long as Prometheus's own lookback
)

// MaxQPS is the largest QPS: fifty times the API's documented quota, more than the cloud
// grants anyone. Each source keeps a slot for each call of a second, so a number without
// a limit would take unlimited memory.
const MaxQPS = 50 * DefaultQPS

// Options are the same for all sources.
type Options struct {
	// Timeout bounds one refresh: all its pages and retries. It must be more
	// than 0.
	Timeout time.Duration
	// MinInterval is the minimum time between the starts of two refreshes. Until it
	// has passed, the last snapshot is returned, success or failure, without
	// querying the API. It must be less than StaleAfter, unless that is 0.
	MinInterval time.Duration
	// StaleAfter is how long the last good items are kept while refreshes fail; 0
	// drops them at the first failure.
	StaleAfter time.Duration
	// QPS is the maximum number of calls in any one second for each account, region
	// and action, including retries; 0 means DefaultQPS.
	QPS int
	// ProgressInterval is how long a round takes that asks how far each task has come
	// that reads from a topic; 0 makes none.
	ProgressInterval time.Duration
	// RetryPause is about how long a call waits before it is tried again, twice as long
	// each further time; 0 means 0.2 s.
	RetryPause time.Duration
	// Now is the clock by which snapshots age; nil means time.Now.
	Now func() time.Time
	// Log gets a line for each failed refresh, or one a minute while a failure
	// stays the same; nil discards the lines.
	Log *slog.Logger
	// OnCall and OnRefresh, if set, are called after each call and each refresh.
	// They are called concurrently and must not block.
	OnCall    func(CallReport)
	OnRefresh func(RefreshReport)
	// OnChange, if set, is called with what a refresh has found changed, failures first,
	// before it is published. It is called concurrently and must not block.
	OnChange func([]Change)

	// inFlight limits the calls in flight, over all sources of a Set.
	inFlight *semaphore.Weighted
}

func (o Options) withDefaults() Options {
	if o.QPS == 0 {
		o.QPS = DefaultQPS
	}
	if o.RetryPause == 0 {
		o.RetryPause = defaultRetryPause
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.OnCall == nil {
		o.OnCall = func(CallReport) {}
	}
	if o.OnRefresh == nil {
		o.OnRefresh = func(RefreshReport) {}
	}
	if o.OnChange == nil {
		o.OnChange = func([]Change) {}
	}
	if o.inFlight == nil {
		o.inFlight = semaphore.NewWeighted(MaxCalls)
	}
	return o
}
