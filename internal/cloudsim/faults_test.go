package cloudsim_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// seen is what a client sees of a response.
type seen struct {
	status       int
	contentType  string
	length       int64
	body         []byte
	doErr, ioErr error
}

func (c *cloud) observe(ctx context.Context, t *testing.T) (observed seen) {
	t.Helper()
	response, err := c.http.Client().Do(c.request(ctx, t, tasks, guangzhou, "{}"))
	if err != nil {
		return seen{doErr: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return seen{
		status: response.StatusCode, contentType: response.Header.Get("Content-Type"),
		length: response.ContentLength, body: body, ioErr: err,
	}
}

func wantBody(want string) func(*testing.T, seen) {
	return func(t *testing.T, have seen) {
		if string(have.body) != want {
			t.Errorf("want body %q, have %q", want, have.body)
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	cases := map[string]struct {
		fault       cloudsim.Fault
		status      int
		contentType string
		check       func(*testing.T, seen)
		code        string
	}{
		"status": {
			cloudsim.HTTPStatus(502, "<h1>bad</h1>"), 502, "text/html; charset=utf-8",
			wantBody("<h1>bad</h1>"), "http 502",
		},
		"empty status": {cloudsim.HTTPStatus(503, ""), 503, "text/html; charset=utf-8", wantBody(""), "http 503"},
		"raw body":     {cloudsim.RawBody("text/plain", "login first"), 200, "text/plain", wantBody("login first"), "raw body"},
		"truncated": {cloudsim.Truncated(30), 200, "application/json", func(t *testing.T, have seen) {
			if !errors.Is(have.ioErr, io.ErrUnexpectedEOF) || len(have.body) != 30 || have.length <= 30 {
				t.Errorf("want 30 of more bytes, then an unexpected EOF; have %d of %d, %v", len(have.body), have.length, have.ioErr)
			}
		}, "truncated"},
		"endless": {cloudsim.Endless(1 << 20), 200, "application/json", func(t *testing.T, have seen) {
			if len(have.body) < 1<<20 || len(have.body) > 1<<20+100 || have.length != -1 || json.Valid(have.body) {
				t.Errorf("want 1 MiB of no JSON without a length; have %d bytes, length %d", len(have.body), have.length)
			}
		}, "endless"},
		"reset": {cloudsim.Reset(), 0, "", func(t *testing.T, have seen) {
			if !errors.Is(have.doErr, syscall.ECONNRESET) {
				t.Errorf("want a connection reset, have %v", have.doErr)
			}
		}, "reset"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, nil)
			cloud.Script(tasks, guangzhou, c.fault)
			have := cloud.observe(t.Context(), t)
			if have.status != c.status || have.contentType != c.contentType {
				t.Errorf("want %d %q, have %d %q", c.status, c.contentType, have.status, have.contentType)
			}
			c.check(t, have)
			if calls := cloud.Calls("", ""); len(calls) != 1 || calls[0].Code != c.code {
				t.Errorf("want one call with code %q, have %+v", c.code, calls)
			}
			if after := cloud.call(t, tasks, guangzhou, "{}"); after.code() != "" {
				t.Errorf("the call after the script: %+v", after.Response.Error)
			}
		})
	}
}

func TestMisleadingAnswers(t *testing.T) {
	firstIs := func(id string) func(map[string]any) {
		return func(document map[string]any) {
			result := document["Response"].(map[string]any)["Result"].(map[string]any)
			result["TaskList"].([]any)[0].(map[string]any)["TaskId"] = id
		}
	}
	cases := map[string]struct {
		fault cloudsim.Fault
		code  string
		total any
		want  []string
	}{
		"error":            {cloudsim.Error("InternalError", "try again"), "InternalError", nil, nil},
		"null total":       {cloudsim.TotalCount(nil), "", nil, []string{"task-2", "task-3"}},
		"text total":       {cloudsim.TotalCount("many"), "", "many", []string{"task-2", "task-3"}},
		"later":            {cloudsim.Shifted(1), "", 5.0, []string{"task-3", "task-4"}},
		"earlier":          {cloudsim.Shifted(-1), "", 5.0, []string{"task-1", "task-2"}},
		"before the start": {cloudsim.Shifted(-9), "", 5.0, []string{"task-0", "task-1"}},
		"beyond the end":   {cloudsim.Shifted(9), "", 5.0, nil},
		"first page again": {cloudsim.FirstPageAgain(900), "", 900.0, []string{"task-0", "task-1"}},
		"edited":           {cloudsim.Edited(firstIs("edited")), "", 5.0, []string{"edited", "task-3"}},
		"one after another": {
			cloudsim.Chain(cloudsim.TotalCount(7), nil, cloudsim.Shifted(1)),
			"", 7.0,
			[]string{"task-3", "task-4"},
		},
		"edited twice": {
			cloudsim.Chain(cloudsim.Edited(firstIs("one")), cloudsim.Edited(firstIs("two"))),
			"", 5.0,
			[]string{"two", "task-3"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, nil)
			cloud.fill(guangzhou, 5)
			cloud.Script(tasks, guangzhou, c.fault)
			have := cloud.call(t, tasks, guangzhou, `{"Offset":2,"Limit":2}`)
			if have.code() != c.code || have.Response.Result.TotalCount != c.total || !slices.Equal(have.ids(), c.want) {
				t.Errorf("want code %q, total %v, items %v; have %+v", c.code, c.total, c.want, have)
			}
		})
	}
}

// TestGivingUp checks that a wait ends when the client gives up. The client does so
// as soon as its call has arrived, and the end of the test waits for the handler.
func TestGivingUp(t *testing.T) {
	for name, fault := range map[string]cloudsim.Fault{
		"hang": cloudsim.Hang(), "delay": cloudsim.Delay(time.Hour), "hang after delay": cloudsim.Chain(
			cloudsim.Delay(time.Nanosecond), cloudsim.Hang()),
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, nil)
			ctx, giveUp := context.WithCancel(t.Context())
			cloud.Script(tasks, guangzhou, cloudsim.Chain(fault, func(*cloudsim.Answer) { giveUp() }))
			if have := cloud.observe(ctx, t); !errors.Is(have.doErr, context.Canceled) {
				t.Errorf("want a cancelled call, have %+v", have)
			}
		})
	}
}

func TestSlowBody(t *testing.T) {
	cloud := newCloud(t, nil)
	cloud.Script(tasks, guangzhou, cloudsim.SlowBody(time.Hour), cloudsim.SlowBody(time.Millisecond))
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	response, err := cloud.http.Client().Do(cloud.request(ctx, t, tasks, guangzhou, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	half := make([]byte, response.ContentLength/2)
	if _, err := io.ReadFull(response.Body, half); err != nil {
		t.Fatalf("first half: %v", err)
	}
	giveUp()
	if rest, err := io.ReadAll(response.Body); !errors.Is(err, context.Canceled) || len(rest) > 0 {
		t.Errorf("want no second half for an hour, have %q, %v", rest, err)
	}
	if have := cloud.call(t, tasks, guangzhou, "{}"); have.code() != "" {
		t.Errorf("after a short wait: want the whole body, have %+v", have)
	}
}

func TestLatency(t *testing.T) {
	const latency, delay = 5 * time.Millisecond, 10 * time.Millisecond
	cloud := newCloud(t, func(o *cloudsim.Options) { o.Latency = latency })
	cloud.Script(tasks, guangzhou, cloudsim.Delay(delay))
	for _, want := range []time.Duration{latency + delay, latency} {
		start := time.Now()
		cloud.call(t, tasks, guangzhou, "{}")
		if have := time.Since(start); have < want {
			t.Errorf("want at least %v, have %v", want, have)
		}
	}
}

func TestEditsDoNotReachTheFleet(t *testing.T) {
	cloud := newCloud(t, nil)
	cloud.inventory.Set(tasks, guangzhou, cloudsim.Item{
		ID: "task-a", Fields: map[string]any{"SourceResource": map[string]any{"Type": "MYSQL"}, "StepList": []any{"one"}},
	})
	want := cloud.call(t, tasks, guangzhou, "{}").Response.Result.TaskList
	cloud.Script(tasks, guangzhou, cloudsim.Edited(func(document map[string]any) {
		result := document["Response"].(map[string]any)["Result"].(map[string]any)
		item := result["TaskList"].([]any)[0].(map[string]any)
		item["SourceResource"].(map[string]any)["Type"] = nil
		item["StepList"].([]any)[0] = nil
	}))
	cloud.call(t, tasks, guangzhou, "{}")
	if diff := cmp.Diff(want, cloud.call(t, tasks, guangzhou, "{}").Response.Result.TaskList); diff != "" {
		t.Errorf("after an edit (-want +have):\n%s", diff)
	}
}

func TestUnencodableFieldIsAServerError(t *testing.T) {
	cloud := newCloud(t, nil)
	cloud.inventory.Set(tasks, guangzhou, cloudsim.Item{Fields: map[string]any{"Status": func() {}}})
	if have := cloud.observe(t.Context(), t); have.status != http.StatusInternalServerError {
		t.Errorf("want status 500, have %d %s", have.status, have.body)
	}
}
