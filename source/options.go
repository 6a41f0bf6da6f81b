package source

import (
	"fmt"
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

// MaxQPS is fifty times the API's documented quota, more than the cloud grants
// anyone. Each source keeps a slot for each call of a second, so a number without a
// limit would take unlimited memory.
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
	// Now is the clock by which snapshots age; nil means time.Now.
	Now func() time.Time
	// Log gets a line for each failed refresh, or one a minute while a failure
	// stays the same; nil discards the lines.
	Log *slog.Logger
	// OnCall and OnRefresh, if set, are called after each call and each refresh.
	// They are called concurrently and must not block.
	OnCall    func(CallReport)
	OnRefresh func(RefreshReport)

	// inFlight limits the calls in flight, over all sources of a Set.
	inFlight *semaphore.Weighted
}

// The fields that Validate checks, as an OptionError names them.
const (
	TimeoutField     = "Timeout"
	MinIntervalField = "MinInterval"
	StaleAfterField  = "StaleAfter"
	QPSField         = "QPS"
)

// An OptionError says which field of Options is out of range. Its text is a
// sentence without a subject, so that a caller can put its own name for the field
// in front: "is 0s and must be more than 0".
type OptionError struct {
	Field string
	text  string
}

func (e *OptionError) Error() string { return e.text }

// Validate returns an *OptionError for the first field that is out of range, or
// nil. All fields must be set: it does not apply the defaults that a source fills
// in.
func (o Options) Validate() error {
	refuse := func(field, format string, values ...any) error {
		return &OptionError{Field: field, text: fmt.Sprintf(format, values...)}
	}
	switch {
	case o.Timeout <= 0:
		return refuse(TimeoutField, "is %v and must be more than 0", o.Timeout)
	case o.MinInterval < 0:
		return refuse(MinIntervalField, "is %v and must not be negative", o.MinInterval)
	case o.StaleAfter < 0:
		return refuse(StaleAfterField, "is %v and must not be negative", o.StaleAfter)
	case o.StaleAfter > 0 && o.MinInterval >= o.StaleAfter:
		// Each snapshot would be stale before the API is queried again, so the
		// first failed refresh would drop everything.
		return refuse(MinIntervalField, "is %v and must be less than --ckafka.stale-after, which is %v; shorten the one or lengthen the other",
			o.MinInterval, o.StaleAfter)
	case o.QPS < 1 || o.QPS > MaxQPS:
		return refuse(QPSField, "is %d and must be 1 to %d; the API's own quota is %d", o.QPS, MaxQPS, DefaultQPS)
	}
	return nil
}

func (o Options) withDefaults() Options {
	if o.QPS == 0 {
		o.QPS = DefaultQPS
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
	if o.inFlight == nil {
		o.inFlight = semaphore.NewWeighted(MaxCalls)
	}
	if o.OnRefresh == nil {
		o.OnRefresh = func(RefreshReport) {}
	}
	return o
}
