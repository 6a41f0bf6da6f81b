package source

import (
	"bytes"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withoutTime returns a log whose lines have no time.
func withoutTime(log *bytes.Buffer) *slog.Logger {
	replace := func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: replace}))
}

func TestJournal(t *testing.T) {
	advice := Remedy{English: "set the clock"}
	expire := &Error{Class: Auth, Code: "AuthFailure.SignatureExpire", Message: "expired", RequestID: "r-1", Advice: advice}
	again := &Error{Class: Auth, Code: "AuthFailure.SignatureExpire", Message: "expired", RequestID: "r-2", Advice: advice}
	reset := &Error{Class: Network, Message: "reset"}
	var log bytes.Buffer
	var journal journal
	to := withoutTime(&log).With("region", "ap-guangzhou", "action", "DescribeDatahubTasks")
	const target = ` region=ap-guangzhou action=DescribeDatahubTasks`
	const hint = ` hint="set the clock"`
	const network = ` hint="check endpoint, DNS, firewall and proxy (HTTPS_PROXY) on the way to the API"`
	begin := time.Unix(1_700_000_000, 0)
	steps := []struct {
		second  int
		failure *Error
		want    string
	}{
		{0, nil, `level=INFO msg="First refresh has succeeded"` + target + ` duration=1.235s calls=3 failed_refreshes=0`},
		{10, expire, `level=WARN msg="Refresh failed"` + target + ` class=auth code=AuthFailure.SignatureExpire err=expired request_id=r-1 duration=1.235s calls=3 failed_refreshes=1 not_logged=0` + hint},
		{20, again, ""},
		{69, again, ""},
		{70, again, `level=WARN msg="Refresh failed"` + target + ` class=auth code=AuthFailure.SignatureExpire err=expired request_id=r-2 duration=1.235s calls=3 failed_refreshes=4 not_logged=2` + hint},
		{80, again, ""},
		{85, &Error{Class: Auth, Code: expire.Code, Message: "expired, said otherwise"}, ""},
		{90, reset, `level=WARN msg="Refresh failed"` + target + ` class=network code="" err=reset request_id="" duration=1.235s calls=3 failed_refreshes=7 not_logged=2` + network},
		{100, nil, `level=INFO msg="Refresh succeeds again"` + target + ` failed_refreshes=7 failing_for=1m30s`},
		{110, nil, ""},
		{120, reset, `level=WARN msg="Refresh failed"` + target + ` class=network code="" err=reset request_id="" duration=1.235s calls=3 failed_refreshes=1 not_logged=0` + network},
	}
	for _, step := range steps {
		log.Reset()
		report := RefreshReport{Duration: 1234567 * time.Microsecond, Calls: 3, Listing: &Listing{}}
		journal.record(to, step.failure, report, begin.Add(time.Duration(step.second)*time.Second))
		if diff := cmp.Diff(step.want, strings.TrimSuffix(log.String(), "\n")); diff != "" {
			t.Errorf("second %d (-want +have):\n%s", step.second, diff)
		}
	}
}

// A late first success says how many refreshes had failed before.
func TestJournalOfALateFirstSuccess(t *testing.T) {
	var log bytes.Buffer
	var journal journal
	to := withoutTime(&log).With("region", "ap-guangzhou", "action", "DescribeDatahubTasks")
	now := time.Unix(1_700_000_000, 0)
	for range 3 {
		journal.record(to, &Error{Class: Network, Message: "reset"}, RefreshReport{}, now)
	}
	log.Reset()
	for range 2 {
		journal.record(to, nil, RefreshReport{Duration: time.Second, Calls: 2, Listing: &Listing{}}, now)
	}
	const want = `level=INFO msg="First refresh has succeeded" region=ap-guangzhou action=DescribeDatahubTasks duration=1s calls=2 failed_refreshes=3` + "\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// Anything odd about a listing that succeeds is logged when it begins or changes,
// not at each refresh.
func TestJournalOfOddListings(t *testing.T) {
	begin := time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)
	skipped := func(count int) *Listing { return &Listing{Skipped: count} }
	kept := func(count int) *Listing {
		listing := &Listing{Items: tasks(1, count), seen: map[string]time.Time{}}
		for _, item := range listing.Items {
			listing.seen[item.ID] = begin
		}
		return listing
	}
	const skips, keeps = `level=WARN msg="Items without an ID are omitted" count=`,
		`level=WARN msg="Listing is incomplete" kept=`
	listed := func(count int, reported float64) *Listing {
		return &Listing{Items: tasks(1, count), Reported: reported}
	}
	const lists = `level=WARN msg="Listing is incomplete: the API lists `
	const since, over = ` since=2025-06-01T08:00:00Z`, `level=INFO msg="Listing is complete again"`
	type step struct {
		second  int
		listing *Listing
		want    string
	}
	for name, steps := range map[string][]step{
		"items without an ID": {
			{0, skipped(0), ""},
			{10, skipped(1), skips + "1"},
			{20, skipped(1), ""},
			{600, skipped(1), ""},
			{610, skipped(2), skips + "2"},
			{620, skipped(0), ""},
			{630, skipped(2), skips + "2"},
		},
		"items that are kept": {
			{0, kept(0), ""},
			{10, kept(1), keeps + "1" + since},
			{20, kept(2), ""},
			{69, kept(2), ""},
			{70, kept(3), keeps + "3" + since},
			{80, kept(0), over},
			{90, kept(0), ""},
			{100, kept(1), keeps + "1" + since},
		},
		"items that the API says there are": {
			{0, listed(150, 250), lists + `150 of 250"`},
			{10, listed(160, 250), ""},
			{60, listed(160, 250), lists + `160 of 250"`},
			{70, listed(250, 250), over},
			{80, listed(250, math.NaN()), ""},
			{90, listed(250, 7), ""},
		},
		"items without an ID that the API counts": {
			{0, &Listing{Items: tasks(1, 2), Skipped: 1, Reported: 3}, skips + "1\n" + lists + `2 of 3"`},
			{10, &Listing{Items: tasks(1, 2), Skipped: 1, Reported: 3}, ""},
			{20, listed(3, 3), over},
		},
		"items that are kept of those that the API says there are": {
			{
				0, &Listing{Items: tasks(1, 2), Reported: 3, seen: map[string]time.Time{"task-0002": begin}},
				`level=WARN msg="Listing is incomplete: the API lists 1 of 3" kept=1` + since,
			},
			{10, listed(3, 3), over},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var journal journal
			to := withoutTime(&log)
			journal.record(to, nil, RefreshReport{Listing: &Listing{}}, begin)
			for _, step := range steps {
				log.Reset()
				journal.record(to, nil, RefreshReport{Listing: step.listing}, begin.Add(time.Duration(step.second)*time.Second))
				have := strings.TrimSuffix(log.String(), "\n")
				if diff := cmp.Diff(step.want, have); diff != "" {
					t.Errorf("second %d (-want +have):\n%s", step.second, diff)
				}
			}
		})
	}
}
