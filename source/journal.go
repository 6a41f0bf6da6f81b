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
	// Listing is what is published; nil if the refresh failed.
	Listing *Listing
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
	listing := report.Listing
	if listing.Skipped > 0 && listing.Skipped != j.skipped {
		j.log.Warn("Items without an ID are omitted", "count", listing.Skipped)
	}
	incomplete := j.completeness(listing, now)
	*j = journal{log: j.log, works: true, skipped: listing.Skipped, incomplete: incomplete, repeats: j.repeats}
}

// completeness logs that a listing lacks items that exist, as far as is known: when it
// begins, once a minute while it lasts, and when it ends. It reports whether it does.
func (j *journal) completeness(listing *Listing, now time.Time) (incomplete bool) {
	kept, since := listing.Kept()
	if kept == 0 && !listing.Short() {
		if j.incomplete {
			j.log.Info("Listing is complete again")
		}
		j.repeats = logging.Repeats{}
		return false
	}
	if _, due := j.repeats.Due(now); !due {
		return true
	}
	message, log := "Listing is incomplete", j.log
	if listing.Short() {
		message += fmt.Sprintf(": the API lists %d of %v", listing.Listed(), listing.Reported)
	}
	if kept > 0 {
		log = log.With("kept", kept, "since", since.UTC().Format(time.RFC3339))
	}
	log.Warn(message)
	return true
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
