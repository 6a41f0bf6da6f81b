package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/source"
)

// aChange is a task that fails. Its texts are not clean.
func aChange() source.Change {
	at := time.Date(2026, 11, 25, 3, 10, 0, 0, time.UTC)
	return source.Change{
		Target: source.Target{Account: "prod", Region: "ap-guangzhou", Action: source.Tasks}, Kind: "task", ID: "task-1", Name: "orders\nsink",
		From: source.TaskKind().State(1), To: source.TaskKind().State(9), Message: "Connection to 10.0.0.1 refused\n\tat Driver.java",
		Connections: []string{"resource-1", "resource-2"}, At: at, After: at.Add(-5 * time.Minute), Since: at.Add(-time.Hour),
	}
}

// logged returns what is logged of the changes of a refresh, without times.
func logged(changes ...source.Change) []string {
	var log bytes.Buffer
	logChanges(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}})), changes)
	return strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
}

func TestChangesInTheLog(t *testing.T) {
	const item = ` kind=task id=task-1 name="orders sink" region=ap-guangzhou account=prod`
	recovers, appears, gone := aChange(), aChange(), aChange()
	recovers.From, recovers.To, recovers.Message, recovers.Connections, recovers.After = recovers.To, recovers.From, "", nil, time.Time{}
	appears.From, appears.Message, appears.Connections, appears.Since, appears.After = source.State{}, "", nil, time.Time{}, time.Time{}
	gone.To, gone.Message, gone.Connections, gone.Since = source.State{}, "", nil, time.Time{}
	have := logged(aChange(), recovers, appears, gone)
	want := []string{
		`level=WARN msg="Status has changed"` + item + ` from=running to=resume_failed reason=connection_refused message="Connection to 10.0.0.1 refused  at Driver.java" connections=resource-1,resource-2 lasted=1h0m0s between="2026-11-25T03:05:00Z and 2026-11-25T03:10:00Z"`,
		`level=INFO msg="Status has changed"` + item + ` from=resume_failed to=running lasted=1h0m0s`,
		`level=WARN msg="New item is listed"` + item + ` to=resume_failed`,
		`level=INFO msg="Item is no longer listed"` + item + ` from=running between="2026-11-25T03:05:00Z and 2026-11-25T03:10:00Z"`,
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// A refresh in which everything changes does not flood the log.
func TestManyChangesAreCounted(t *testing.T) {
	for changes, want := range map[int]int{1: 1, 20: 20, 21: 21, 2000: 21} {
		have := logged(slices.Repeat([]source.Change{aChange()}, changes)...)
		if len(have) != want {
			t.Errorf("%d changes: want %d lines, have %d", changes, want, len(have))
		}
		if last := have[len(have)-1]; changes > 20 && !strings.HasSuffix(last, fmt.Sprintf(`msg="More has changed; the status page has the newest changes" kind=task region=ap-guangzhou account=prod not_logged=%d`, changes-20)) {
			t.Errorf("%d changes: want the rest counted, have %s", changes, last)
		}
	}
}
