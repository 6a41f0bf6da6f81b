package source

import (
	"fmt"
	"log/slog"
	"time"
)

// Defaults of Options.
const (
	DefaultTimeout     = 8 * time.Second
	DefaultMinInterval = 10 * time.Second
	DefaultStaleAfter  = 5 * time.Minute // as long as Prometheus' own lookback
)

// MaxQPS is fifty times the API's documented quota, more than the cloud grants
// anyone. Each source keeps a slot for each call of a second, so that a number
// without a bound would take the memory for it.
const MaxQPS = 50 * DefaultQPS

// Options are the same for all sources.
type Options struct {
	// Timeout bounds one refresh: all its pages and retries. It must be more
	// than 0.
	Timeout time.Duration
	// MinInterval is how long after the beginning of a refresh its snapshot is
	// returned as it is, success or failure, before the API is asked again. It
	// must be less than StaleAfter, unless that is 0.
	MinInterval time.Duration
	// StaleAfter is how long the last good items stay while refreshes fail; 0
	// drops them at the first failure.
	StaleAfter time.Duration
	// QPS is the most calls in any one second for each account, region and
	// action, retries included; 0 is DefaultQPS.
	QPS int
	// Now is the clock by which snapshots age; nil is time.Now.
	Now func() time.Time
	// Log gets a line for each failed refresh, or one a minute while a failure
	// stays the same; nil discards them.
	Log *slog.Logger
	// OnCall and OnRefresh, if set, are called after each call and each refresh,
	// possibly concurrently. They must not block.
	OnCall    func(CallReport)
	OnRefresh func(RefreshReport)

	// places are those of all sources of a Set.
	places places
}

// The fields that Validate judges, as an OptionError names them.
const (
	TimeoutField     = "Timeout"
	MinIntervalField = "MinInterval"
	StaleAfterField  = "StaleAfter"
	QPSField         = "QPS"
)

// An OptionError says which field of Options is out of range. It reads as a
// sentence without its subject, so that a caller can put its own name of the
// field before it: "is 0s and must be more than 0".
type OptionError struct {
	Field string
	text  string
}

func (e *OptionError) Error() string { return e.text }

// Validate returns an *OptionError for the first field that is out of range, or
// nil. It wants all of them given: of the defaults that a source fills in it
// takes none.
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
		// Each snapshot would be stale before the API is asked again, so that the
		// first failed refresh drops everything.
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
	if o.OnRefresh == nil {
		o.OnRefresh = func(RefreshReport) {}
	}
	return o
}
