package instrument_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// fault is one way in which the API can break, and what is then exposed.
//
// Before it, two items (or count) are exposed with the status 6. While it lasts,
// their status at the API is 1, so that a test can tell a kept status from a new
// one.
type fault struct {
	name string
	// always breaks every call, script the calls in order, one entry each.
	always cloudsim.Fault
	script []cloudsim.Fault
	// clock is how far the cloud's clock is ahead of ours.
	clock time.Duration
	// timeout of the refresh, if not an hour.
	timeout time.Duration
	// count of the items, if not two.
	count int

	// calls is how many calls the refresh makes, retries included. With orLess it
	// may be fewer: if it requests pages concurrently in vain, some may not have
	// been sent, and if the machine is slow, the deadline may come first.
	calls  int
	orLess bool
	// failure is the class and the code in the log line; with it, the old statuses
	// are kept, up is 0 and the error count is 1. Without it, up is 1 and the error
	// count is 0.
	failure string
	// status has the values of the statuses, with equal ones in a row given once;
	// only without a failure, and "1" by default.
	status string
	// items and reported are the values of these series, count by default.
	items, reported string
	// skipped is the number of items without an ID in a log line, kept that of the
	// items that an incomplete listing lacks, and lists what it lists of what the API
	// reports.
	skipped, kept int
	lists         string
}

// patience is the deadline for faults that nothing else ends.
const patience = time.Second

// faults returns the table that docs/failure.md puts into words.
func faults(kind source.Kind) []fault {
	item := func(field string, value any) cloudsim.Fault {
		return cloudsim.Edited(func(document map[string]any) { firstItem(document)[field] = value })
	}
	result := func(field string, value any) cloudsim.Fault {
		return cloudsim.Edited(func(document map[string]any) { resultOf(document)[field] = value })
	}
	list := map[source.Action]string{source.Tasks: "TaskList", source.Connections: "ConnectResourceList"}[kind.Action]
	return []fault{
		// Errors in the API's responses.
		{name: "unknown key", always: cloudsim.Error("AuthFailure.SecretIdNotFound", "no such id"), calls: 1, failure: "auth AuthFailure.SecretIdNotFound"},
		{name: "wrong key", always: cloudsim.Error("AuthFailure.SignatureFailure", "bad signature"), calls: 1, failure: "auth AuthFailure.SignatureFailure"},
		{name: "expired", always: cloudsim.Error("AuthFailure.SignatureExpire", "too old"), calls: 1, failure: "auth AuthFailure.SignatureExpire"},
		{name: "bad token", always: cloudsim.Error("AuthFailure.TokenFailure", "bad token"), calls: 1, failure: "auth AuthFailure.TokenFailure"},
		{name: "no policy", always: cloudsim.Error("UnauthorizedOperation", "no policy"), calls: 1, failure: "permission UnauthorizedOperation"},
		{name: "no policy, by CAM", always: cloudsim.Error("AuthFailure.UnauthorizedOperation", "no policy"), calls: 1, failure: "permission AuthFailure.UnauthorizedOperation"},
		{name: "bad parameter", always: cloudsim.Error("InvalidParameterValue", "Limit"), calls: 1, failure: "parameter InvalidParameterValue"},
		{name: "no such region", always: cloudsim.Error("UnsupportedRegion", "ap-mars"), calls: 1, failure: "parameter UnsupportedRegion"},
		{name: "throttled for long", always: cloudsim.Error("RequestLimitExceeded", "20 a second"), calls: 4, failure: "throttled RequestLimitExceeded"},
		{name: "throttled once", script: []cloudsim.Fault{cloudsim.Error("RequestLimitExceeded", "20 a second")}, calls: 2},
		{name: "internal error for long", always: cloudsim.Error("InternalError", "sorry"), calls: 4, failure: "server InternalError"},
		{name: "internal error once", script: []cloudsim.Fault{cloudsim.Error("InternalError", "sorry")}, calls: 2},
		{name: "failed operation", always: cloudsim.Error("FailedOperation", "sorry"), calls: 4, failure: "server FailedOperation"},
		{name: "unavailable", always: cloudsim.Error("ResourceUnavailable", "sorry"), calls: 4, failure: "server ResourceUnavailable"},
		{name: "a code from the future", always: cloudsim.Error("Brand.New", "?"), calls: 4, failure: "server Brand.New"},
		{name: "clock off by ten minutes", clock: 10 * time.Minute, calls: 1, failure: "auth AuthFailure.SignatureExpire"},

		// Responses that are not the API's.
		{name: "HTTP 500", always: cloudsim.HTTPStatus(500, "oops "+cloudsim.DatabasePassword), calls: 4, failure: "server"},
		{name: "HTTP 503 once", script: []cloudsim.Fault{cloudsim.HTTPStatus(503, "busy")}, calls: 2},
		{name: "HTTP 404", always: cloudsim.HTTPStatus(404, "not here "+cloudsim.DatabasePassword), calls: 1, failure: "server"},
		{name: "HTTP 429", always: cloudsim.HTTPStatus(429, "slow down"), calls: 4, failure: "throttled"},
		{name: "HTML", always: cloudsim.RawBody("text/html", "<html>log in, "+cloudsim.DatabasePassword), calls: 1, failure: "decode"},
		{name: "empty body", always: cloudsim.RawBody("application/json", ""), calls: 1, failure: "decode"},
		{name: "another content type", always: func(a *cloudsim.Answer) { a.ContentType = "text/plain" }, calls: 1},
		{name: "event stream", always: cloudsim.RawBody("text/event-stream", "data: {}\n\n"), calls: 1, failure: "decode"},
		{name: "more items than requested", count: 150, always: func(a *cloudsim.Answer) { a.Items = a.All }, calls: 2, orLess: true, failure: "decode"},
		{name: "1 GiB", always: cloudsim.Endless(1 << 30), calls: 1, failure: "decode"},

		// Networks.
		{name: "truncated for long", always: cloudsim.Truncated(100), calls: 4, failure: "network"},
		{name: "truncated once", script: []cloudsim.Fault{cloudsim.Truncated(100)}, calls: 2},
		{name: "reset for long", always: cloudsim.Reset(), calls: 4, failure: "network"},
		{name: "reset once", script: []cloudsim.Fault{cloudsim.Reset()}, calls: 2},
		{name: "hangs", always: cloudsim.Hang(), timeout: patience, calls: 1, orLess: true, failure: "timeout"},
		{name: "slow headers", always: cloudsim.Delay(time.Hour), timeout: patience, calls: 1, orLess: true, failure: "timeout"},
		{name: "slow body", always: cloudsim.SlowBody(time.Hour), timeout: patience, calls: 1, orLess: true, failure: "timeout"},

		// Null at every level.
		{name: "null", always: cloudsim.RawBody("application/json", "null"), calls: 1, failure: "decode"},
		{name: "Response null", always: cloudsim.RawBody("application/json", `{"Response":null}`), calls: 1, failure: "decode"},
		{name: "Result null", always: cloudsim.Edited(func(document map[string]any) { document["Response"].(map[string]any)["Result"] = nil }), calls: 1, failure: "decode"},
		{name: "TotalCount null", always: cloudsim.TotalCount(nil), calls: 3, reported: "none"},
		{name: "list null", always: result(list, nil), calls: 3, failure: "decode"},
		{name: "list null, TotalCount 0", always: cloudsim.Chain(result(list, nil), cloudsim.TotalCount(0)), calls: 1, status: "none", items: "0", reported: "0"},
		{name: "list and TotalCount null", always: cloudsim.Chain(result(list, nil), cloudsim.TotalCount(nil)), calls: 3, failure: "decode"},
		{name: "element null", always: cloudsim.Edited(func(document map[string]any) { resultOf(document)[list].([]any)[0] = nil }), calls: 1, status: "6 1", items: "1", skipped: 1, kept: 1, lists: "1 of 2"},
		{name: "every element null", always: result(list, []any{nil, nil}), calls: 1, failure: "decode"},
		{name: "ID null", always: item(kind.IDLabel, nil), calls: 1, status: "6 1", items: "1", skipped: 1, kept: 1, lists: "1 of 2"},
		{name: "name null", always: item(kind.NameLabel, nil), calls: 1},
		{name: "status null", always: item("Status", nil), calls: 1, status: "-100 1"},

		// Wrong types and values.
		{name: "status a string", always: item("Status", "1"), calls: 1, failure: "decode"},
		{name: "status a fraction", always: item("Status", 1.5), calls: 1, failure: "decode"},
		{name: "status unknown", always: item("Status", 42), calls: 1, status: "42 1"},
		{name: "ID a number", always: item(kind.IDLabel, 5), calls: 1, failure: "decode"},
		{name: "list an object", always: result(list, map[string]any{}), calls: 1, failure: "decode"},
		{name: "TotalCount a string", always: cloudsim.TotalCount("2"), calls: 1, failure: "decode"},

		// Listings that change while they are read.
		{name: "duplicate ID", always: item(kind.IDLabel, kind.Prefix+"-0001"), calls: 3, status: "6 1", items: "1", kept: 1, lists: "1 of 2"},
		{name: "deleted between pages", count: 150, script: []cloudsim.Fault{nil, cloudsim.Shifted(1)}, calls: 4},
		{name: "added between pages", count: 150, script: []cloudsim.Fault{nil, cloudsim.Shifted(-1)}, calls: 2},
		{name: "TotalCount too large", always: cloudsim.TotalCount(7), calls: 4, reported: "7", lists: "2 of 7"},
		{name: "TotalCount too small", count: 150, always: cloudsim.TotalCount(7), calls: 6, reported: "7"},
		{name: "TotalCount negative", always: cloudsim.TotalCount(-1), calls: 3, reported: "-1"},
		{name: "TotalCount changing", count: 150, script: []cloudsim.Fault{nil, cloudsim.TotalCount(151)}, calls: 4},
		{name: "one page for ever", count: 100, always: cloudsim.FirstPageAgain(1_000_000_000), calls: 63, orLess: true, reported: "1e+09", lists: "100 of 1e+09"},
		{name: "one page of two broken", count: 150, script: []cloudsim.Fault{nil, cloudsim.Error("UnauthorizedOperation", "no")}, calls: 2, failure: "permission UnauthorizedOperation"},
	}
}

func resultOf(document map[string]any) map[string]any {
	return document["Response"].(map[string]any)["Result"].(map[string]any)
}

func firstItem(document map[string]any) map[string]any {
	for _, value := range resultOf(document) {
		if list, ok := value.([]any); ok {
			return list[0].(map[string]any)
		}
	}
	panic("no list")
}

func TestFaults(t *testing.T) {
	for i, kind := range source.Kinds() {
		for _, fault := range faults(kind) {
			t.Run(kind.Prefix+"/"+fault.name, func(t *testing.T) {
				t.Parallel()
				fault.check(t, i, kind)
			})
		}
	}
}

func (f fault) check(t *testing.T, index int, kind source.Kind) {
	log := &buffer{}
	faulty := options
	faulty.Log = slog.New(slog.NewTextHandler(log, nil))
	if f.timeout > 0 {
		faulty.Timeout = f.timeout
	}
	rig := newRig(t, faulty, "ap-guangzhou")
	f.set(rig, kind, 6)
	for rig.series(t, index, kind.Prefix+"_up")[0] != kind.Prefix+`_up{region="ap-guangzhou"} 1` { // too slow a machine for the deadline
		rig = newRig(t, faulty, "ap-guangzhou")
		f.set(rig, kind, 6)
	}
	before, logged := len(rig.cloud.Calls("", "")), len(log.String())

	f.set(rig, kind, 1)
	rig.cloud.Script("", "", f.script...)
	rig.cloud.Always("", "", f.always)
	rig.skew.advance(f.clock)
	rig.clock.advance(time.Minute)
	if diff := cmp.Diff(f.want(kind), summary(rig.series(t, index, kind.Prefix), kind)); diff != "" {
		t.Errorf("series (-want +have):\n%s", diff)
	}
	if have := len(rig.cloud.Calls("", "")) - before; have > f.calls || have < f.calls && !f.orLess {
		t.Errorf("calls: want %d, have %d", f.calls, have)
	}
	f.checkLog(t, kind, log.String()[logged:])
}

// set puts the items into the cloud, all with the same status.
func (f fault) set(rig *rig, kind source.Kind, status int64) {
	listed := make([]cloudsim.Item, f.size())
	for i := range listed {
		listed[i] = cloudsim.Item{ID: fmt.Sprintf("%s-%04d", kind.Prefix, i), Name: "n", Status: status, Type: "MYSQL", Source: "ES"}
	}
	rig.fleet.Set(string(kind.Action), "ap-guangzhou", listed...)
}

func (f fault) size() int {
	if f.count > 0 {
		return f.count
	}
	return 2
}

func (f fault) want(kind source.Kind) map[string]string {
	or := func(value, otherwise string) string {
		if value != "" {
			return value
		}
		return otherwise
	}
	size := strconv.Itoa(f.size())
	want := map[string]string{
		"status": or(f.status, "1"), "up": "1", "error_count": "0",
		"items": or(f.items, size), "items_reported": or(f.reported, size),
	}
	if f.failure != "" {
		want["status"], want["up"], want["error_count"] = "6", "0", "1"
	}
	if want["status"] != "none" { // each item has these besides its status
		want["state"], want["info"] = "1", "1"
		if kind.Action == source.Connections {
			want["tasks"] = "1"
		}
	}
	for name, value := range want {
		if value == "none" {
			delete(want, name)
		}
	}
	return want
}

// summary returns the values of the series by the end of their names; equal
// statuses in a row are given once.
func summary(lines []string, kind source.Kind) map[string]string {
	values := map[string]string{}
	for _, line := range lines {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, kind.Prefix+"_"), "{")
		value := line[strings.LastIndex(line, " ")+1:]
		switch {
		case name == "last_success_timestamp_seconds" || strings.HasSuffix(values[name], value):
		case values[name] == "":
			values[name] = value
		default:
			values[name] += " " + value
		}
	}
	return values
}

func (f fault) checkLog(t *testing.T, kind source.Kind, log string) {
	t.Helper()
	for _, secret := range []string{cloudsim.DatabasePassword, cloudsim.DatabaseUser, "Signature="} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	if f.failure == "" {
		var want []string
		target := fmt.Sprintf("region=ap-guangzhou action=%s ", kind.Action)
		if f.skipped > 0 {
			want = append(want, fmt.Sprintf(`msg="Items without an ID are omitted" %scount=%d`, target, f.skipped))
		}
		switch message := fmt.Sprintf(`msg="Listing is incomplete: the API lists %s" %s`, f.lists, target); {
		case f.kept > 0:
			want = append(want, fmt.Sprintf("%skept=%d since=2023-11-14T22:13:20Z", message, f.kept))
		case f.lists != "":
			want = append(want, strings.TrimSpace(message))
		}
		var have []string
		for line := range strings.Lines(log) {
			_, line, _ = strings.Cut(strings.TrimSpace(line), "level=WARN ")
			have = append(have, line)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("log (-want +have):\n%s", diff)
		}
		return
	}
	class, code, _ := strings.Cut(f.failure, " ")
	want := fmt.Sprintf("class=%s code=%s ", class, code)
	if code == "" {
		want = fmt.Sprintf(`class=%s code="" `, class)
	}
	calls := fmt.Sprintf(" calls=%d ", f.calls)
	if f.orLess {
		calls = " calls="
	}
	if strings.Count(log, "\n") != 1 || !strings.Contains(log, want) || !strings.Contains(log, calls) {
		t.Errorf("log: want one line with %q and %q, have:\n%s", want, calls, log)
	}
}

// buffer is a bytes.Buffer that is safe for concurrent use.
type buffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}
