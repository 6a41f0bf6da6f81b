package instrument_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
)

// counted is Sources with one snapshot, which a test can refresh.
type counted struct {
	snapshot atomic.Pointer[source.Snapshot]
}

func (c *counted) Snapshots(context.Context, source.Action) []*source.Snapshot {
	return []*source.Snapshot{c.snapshot.Load()}
}

func (c *counted) Select(ctx context.Context, action source.Action, _ source.Selection) (selected, all []*source.Snapshot, err error) {
	return c.Snapshots(ctx, action), c.Snapshots(ctx, action), nil
}

func (c *counted) refresh(status float64) {
	listing := &source.Listing{Reported: 1, Items: []source.Item{{ID: "task-1", Name: "orders", Status: status}}}
	c.snapshot.Store(&source.Snapshot{Target: source.Target{Region: "r", Action: source.Tasks}, LastSuccess: time.Unix(1, 0), Listing: listing})
}

func (c *counted) exposition(t *testing.T) *instrument.Exposition {
	t.Helper()
	exposition, err := instrument.NewExposition(source.Kinds()[tasks], c, instrument.Options{ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exposition.Shutdown(context.Background()) })
	return exposition
}

// answer returns the response to one request, as it is sent.
func answer(t *testing.T, handler http.Handler, query string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+query, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func unpacked(t *testing.T, recorder *httptest.ResponseRecorder) string {
	t.Helper()
	if recorder.Header().Get("Content-Encoding") != "gzip" {
		return recorder.Body.String()
	}
	reader, err := gzip.NewReader(bytes.NewReader(recorder.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Each format has the newest snapshot, whatever was scraped before.
func TestEachFormatHasTheNewestSnapshot(t *testing.T) {
	const openMetrics = "application/openmetrics-text; version=1.0.0"
	sources := &counted{}
	exposition := sources.exposition(t)
	for status := range 2 {
		sources.refresh(float64(status))
		for range 2 {
			for _, test := range []struct {
				query    string
				header   []string
				kind     string // a part of the content type
				encoding string
			}{
				{"", nil, "text/plain", ""},
				{"", []string{"Accept-Encoding", "gzip"}, "text/plain", "gzip"},
				{"", []string{"Accept-Encoding", "br, gzip;q=0.5"}, "text/plain", "gzip"},
				{"", []string{"Accept-Encoding", "gzip;q=0"}, "text/plain", ""},
				{"", []string{"Accept", openMetrics}, "openmetrics", ""},
				{"", []string{"Accept", openMetrics, "Accept-Encoding", "gzip"}, "openmetrics", "gzip"},
				{"?name[]=datahub_task_status", nil, "text/plain", ""},
			} {
				have := answer(t, exposition, test.query, test.header...)
				body := unpacked(t, have)
				want := fmt.Sprintf(`datahub_task_status{TaskId="task-1",TaskName="orders",region="r"} %d`, status)
				if !strings.Contains(body, want) || !strings.Contains(have.Header().Get("Content-Type"), test.kind) ||
					have.Header().Get("Content-Encoding") != test.encoding {
					t.Errorf("%v: want %s as %s packed with %q, have %v:\n%s", test.header, want, test.kind, test.encoding, have.Header(), body)
				}
				if all := strings.Contains(body, "datahub_task_up"); all != (test.query == "") {
					t.Errorf("%s: has all families: %v", test.query, all)
				}
			}
		}
	}
}

// A scrape that brings nothing new builds no series: one of 2,000 tasks allocates
// little more than one of 2, though the targets' own series are new.
func TestItemsThatStayTheSameAreNotGatheredAgain(t *testing.T) {
	allocations := func(count int) float64 {
		sources := &counted{}
		sources.refresh(1)
		listing := sources.snapshot.Load().Listing
		for i := range count {
			listing.Items = append(listing.Items, source.Item{ID: fmt.Sprintf("task-%d", i), Status: 1})
		}
		exposition, failures := sources.exposition(t), int64(0)
		return testing.AllocsPerRun(5, func() {
			failures++
			sources.snapshot.Store(&source.Snapshot{Target: source.Target{Region: "r"}, Failures: failures, Listing: listing})
			have := answer(t, exposition, "?name[]=datahub_task_error_count").Body.String()
			if want := fmt.Sprintf("datahub_task_error_count{region=\"r\"} %d\n", failures); !strings.Contains(have, want) {
				t.Errorf("want %s in:\n%s", want, have)
			}
		})
	}
	if few, many := allocations(2), allocations(2000); many > few+50 {
		t.Errorf("allocations of a scrape: want about as many for 2,000 tasks as for 2 (%v), have %v", few, many)
	}
}

// A message that differs only in a position keeps its series; another reason, another
// status or the end of the failure does not. So does a warning, which a healthy status
// does not end.
func TestMessageSticksWhileStatusAndReasonStay(t *testing.T) {
	const first = "Could not find first log file name in binary log index file, at mysql-bin.000001:4"
	type step struct {
		status        float64
		message, want string
	}
	both := []step{
		{9, first, first},
		{9, "Could not find first log file name in binary log index file, at mysql-bin.000002:8", first},
		{9, "Access denied for user", "Access denied for user"},
		{9, first, first},
		{-1, "Could not find first log file name in binary log index file, at x", "Could not find first log file name in binary log index file, at x"},
		{9, "", ""},
		{9, first, first},
	}
	for family, test := range map[string]struct {
		label   string
		details func(message string) *source.Details
		steps   []step
	}{
		"datahub_task_error_info": {"ErrorMessage", func(message string) *source.Details { return &source.Details{Message: message, Warning: "w"} }, append(both,
			step{1, first, ""}, step{9, "Could not find first log file name in binary log index file, at y", "Could not find first log file name in binary log index file, at y"})},
		"datahub_task_warning_info": {"WarnMessage", func(message string) *source.Details { return &source.Details{Message: "m", Warning: message} }, append(both,
			step{1, "Access denied for a", "Access denied for a"}, step{1, "Access denied for b", "Access denied for a"}, step{1, "\n", ""}, step{1, "", ""})},
	} {
		sources := &counted{}
		exposition := sources.exposition(t)
		for i, step := range test.steps {
			sources.refresh(step.status)
			sources.snapshot.Load().Listing.Items[0].Details = test.details(step.message)
			have := samples(answer(t, exposition, "?name[]="+family).Body.String())
			if (step.want == "") != (len(have) == 0) || step.want != "" && !strings.Contains(have[0], fmt.Sprintf("%s=%q", test.label, step.want)) {
				t.Errorf("%s: step %d: want the message %q, have %v", family, i, step.want, have)
			}
		}
	}
}

// For a scrape that has hung up nothing is gathered, and the response says so.
func TestScrapeThatHasEndedIsNotGathered(t *testing.T) {
	sources := &counted{}
	sources.refresh(1)
	ended, end := context.WithCancel(t.Context())
	end()
	recorder := httptest.NewRecorder()
	sources.exposition(t).ServeHTTP(recorder, httptest.NewRequestWithContext(ended, http.MethodGet, "/", nil))
	if recorder.Code != http.StatusServiceUnavailable || strings.Contains(recorder.Body.String(), "datahub_task") {
		t.Errorf("want 503 without series, have %d:\n%s", recorder.Code, recorder.Body)
	}
}
