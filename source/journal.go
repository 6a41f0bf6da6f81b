package source

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"datahub_exporter/internal/logging"
)

// RefreshReport describes one refresh.
type RefreshReport struct {
	Target Target
	// Class is why the refresh failed, empty if it succeeded.
	Class    Class
	Duration time.Duration
	// Calls counts the calls to the API that it made, including retries.
	Calls int64
	// Listed counts the listed items that had an ID, Reported is how many the API says
	// there are, NaN if it does not, and Skipped counts the listed items without an ID.
	Listed   int
	Reported float64
	Skipped  int
	// Kept counts the items that are missing from an incomplete listing and
	// stay as they were last seen. KeptSince is when the first of them was last
	// seen.
	Kept      int
	KeptSince time.Time
}

// journal logs the failures of one source: each new one, one that stays the same
// once a minute with a count, and the recovery. It also logs the first success,
// which shows that key and region are right.
type journal struct {
	log *slog.Logger // of the refresh that is recorded

	works   bool  // a refresh has succeeded
	failing Error // the ongoing failure; zero Class if none
	since   time.Time
	count   int             // failed refreshes since then
	same    logging.Repeats // the ongoing failure

	skipped    int  // items without an ID, at the last refresh that succeeded
	incomplete bool // the listing of that refresh
	repeats    logging.Repeats
}

// record logs the outcome of a refresh to log if it is news; failure is nil if the
// refresh succeeded.
func (j *journal) record(log *slog.Logger, failure *Error, report RefreshReport, now time.Time) {
	j.log = log
	if failure != nil {
		j.failed(failure, report, now)
		return
	}
	j.succeeded(report, now)
}

func (j *journal) succeeded(report RefreshReport, now time.Time) {
	switch failing := j.failing.Class != ""; {
	case !j.works:
		j.log.Info("First refresh has succeeded", "duration", report.Duration.Round(time.Millisecond), "calls", report.Calls,
			"failed_refreshes", j.count)
	case failing:
		j.log.Info("Refresh succeeds again", "failed_refreshes", j.count, "failing_for", now.Sub(j.since).Round(time.Second))
	}
	if report.Skipped > 0 && report.Skipped != j.skipped {
		j.log.Warn("Items without an ID are omitted", "count", report.Skipped)
	}
	j.completeness(report, now)
	*j = journal{log: j.log, works: true, skipped: report.Skipped, incomplete: report.lacksItems(), repeats: j.repeats}
}

// lacksItems reports whether a listing lacks items that exist, as far as is known.
func (r RefreshReport) lacksItems() bool {
	return r.Kept > 0 || float64(r.Listed+r.Skipped) < r.Reported
}

// completeness logs that a listing lacks items: when it begins, once a minute while it
// lasts, and when it ends.
func (j *journal) completeness(report RefreshReport, now time.Time) {
	if !report.lacksItems() {
		if j.incomplete {
			j.log.Info("Listing is complete again")
		}
		j.repeats = logging.Repeats{}
		return
	}
	if _, due := j.repeats.Due(now); !due {
		return
	}
	message := "Listing is incomplete"
	if float64(report.Listed) < report.Reported {
		message += fmt.Sprintf(": the API lists %d of %v", report.Listed, report.Reported)
	}
	if report.Kept > 0 {
		j.log.Warn(message, "kept", report.Kept, "since", report.KeptSince.UTC().Format(time.RFC3339))
		return
	}
	j.log.Warn(message)
}

func (j *journal) failed(failure *Error, report RefreshReport, now time.Time) {
	if j.failing.Class == "" {
		j.since = now
	}
	j.count++
	if !j.failing.same(failure) {
		j.same.Changed()
	}
	silent, due := j.same.Due(now)
	if !due {
		return
	}
	line := []slog.Attr{
		slog.String("class", string(failure.Class)),
		slog.String("code", failure.Code),
		slog.String("err", failure.Message),
		slog.String("request_id", failure.RequestID),
		slog.Duration("duration", report.Duration.Round(time.Millisecond)),
		slog.Int64("calls", report.Calls),
		slog.Int("failed_refreshes", j.count),
		slog.Int("not_logged", silent),
	}
	if hint := failure.Remedy().English; hint != "" {
		line = append(line, slog.String("hint", hint))
	}
	j.log.LogAttrs(context.Background(), slog.LevelWarn, "Refresh failed", line...)
	j.failing = *failure
}
