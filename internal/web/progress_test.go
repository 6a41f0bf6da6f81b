package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/web"
	"datahub_exporter/source"
)

// fixedSources know what they are given.
type fixedSources []*source.Snapshot

// Refresh implements web.Sources.
func (fixedSources) Refresh(context.Context, time.Duration) {}

// Last implements web.Sources.
func (f fixedSources) Last() []*source.Snapshot { return f }

// Changes implements web.Sources.
func (fixedSources) Changes() []source.Change { return nil }

// A task that runs and stands is among those that are not running, with how long and how
// many messages wait; one that runs shows its lag.
func TestPageShowsStalledTasks(t *testing.T) {
	now := time.Now()
	listing := &source.Listing{Reported: 4, Complete: true}
	for _, id := range []string{"moves", "stands", "waits", "unknown"} {
		listing.Items = append(listing.Items, source.Item{ID: id, Name: id, Status: 1})
	}
	routes, err := web.Routes(web.Options{Self: http.NotFoundHandler(), Sources: fixedSources{{
		Target: source.Target{Account: "common", Region: region, Action: source.Tasks}, LastSuccess: now, Listing: listing,
		Progress: &source.Progress{Tasks: map[string]*source.TaskProgress{
			"moves":  {Polled: now, Known: true, Lag: 7, Judged: true},
			"stands": {Polled: now, Known: true, Lag: 12345, Judged: true, StalledPartitions: 4, Stalled: 23 * time.Minute},
			"waits":  {Polled: now, NeverCommitted: true},
		}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		response := httptest.NewRecorder()
		routes.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return response.Body.String()
	}
	for path, want := range map[string][]string{
		"/?lang=en": {
			"Running, but nothing committed for 23 min; 12345 messages wait (stalled partitions: 4).", "never committed an offset", "Lag: 7 messages",
		},
		"/?lang=zh-CN": {"运行中，但已 23 分钟没有提交消费位点，堆积 12345 条消息（停滞分区 4 个）。", "从未提交过消费位点", "堆积 7 条消息"},
	} {
		page := get(path)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s: want %q in\n%s", path, text, page)
			}
		}
		notRunning, running, _ := strings.Cut(page, `id="running"`)
		if console := "https://console.cloud.tencent.com/ckafka/datahub-overview"; strings.Count(notRunning, console) != 2 || strings.Contains(running, console) {
			t.Errorf("%s: want a link to the console for each task that is not well", path)
		}
		if diff := cmp.Diff([][]string{{"stands", "waits"}, {"moves", "unknown"}}, [][]string{rows(notRunning), rows(running)}); diff != "" {
			t.Errorf("%s: rows (-want +have)\n%s", path, diff)
		}
	}
	if have := rows(get("/?state=not-running")); len(have) != 2 {
		t.Errorf("not running: want two rows, have %v", have)
	}
	var document struct {
		Items []struct {
			ID       string
			Consumer map[string]any
		}
	}
	if err := json.Unmarshal([]byte(get("/api/v1/ckafka/status")), &document); err != nil {
		t.Fatal(err)
	}
	stands := document.Items[0].Consumer
	delete(stands, "polled")
	if diff := cmp.Diff(map[string]any{"lag": 12345.0, "stalledPartitions": 4.0, "stalledSeconds": 1380.0}, stands); diff != "" || document.Items[3].Consumer != nil {
		t.Errorf("JSON (-want +have)\n%s\n%+v", diff, document.Items)
	}
}
