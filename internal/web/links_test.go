package web_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/web"
	"datahub_exporter/source"
)

// strange is an ID that each layer of a link would read as something else.
const strange = `task-"\ &+#%?{}名`

// notWell are sources with an item in each condition that needs attention.
func notWell() fixedSources {
	snapshot := func(action source.Action, items ...source.Item) *source.Snapshot {
		return &source.Snapshot{
			Target: source.Target{Account: "common", Region: region, Action: action}, LastSuccess: time.Now(),
			Listing:  &source.Listing{Reported: float64(len(items)), Complete: true, Items: items},
			Progress: &source.Progress{Tasks: map[string]*source.TaskProgress{"stands": {NeverCommitted: true}}},
		}
	}
	return fixedSources{
		snapshot(source.Tasks,
			source.Item{ID: strange, Status: 9}, source.Item{ID: "odd", Status: 77}, source.Item{ID: "paused", Status: 6},
			source.Item{ID: "creating", Status: 0}, source.Item{ID: "stands", Status: 1}),
		snapshot(source.Connections,
			source.Item{ID: "resource-1", Status: 7}, source.Item{ID: "resource-2", Status: 77}, source.Item{ID: "resource-3", Status: 5}),
	}
}

// pageOf returns a function that gets a path of a server and requires that it is there.
func pageOf(t *testing.T, options web.Options) func(path string) string {
	t.Helper()
	handler := routes(t, options)
	return func(path string) string {
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if response.Code != http.StatusOK {
			t.Errorf("%s: have status %d", path, response.Code)
		}
		return response.Body.String()
	}
}

// Each item that is not well leads to its section of the runbook, in the page's language.
func TestRunbookLinks(t *testing.T) {
	get := pageOf(t, web.Options{Sources: notWell()})
	for language, document := range map[string]string{"en": "docs/operations.md", "zh-CN": "docs/zh-CN/operations.md"} {
		runbook := get("/" + document)
		sections := map[string]bool{}
		for _, match := range regexp.MustCompile(`href="([^"#]*operations\.md)#:~:text=([^"]*)"`).FindAllStringSubmatch(get("/?lang="+language), -1) {
			heading, err := url.PathUnescape(match[2])
			if err != nil || match[1] != document || !strings.Contains(runbook, "\n"+heading+"\n") {
				t.Errorf("%s: want a section of %s, have %q, %v", language, document, match, err)
			}
			sections[strings.TrimPrefix(heading, "### CKafka")] = true
		}
		want := map[string]bool{
			"TaskFailed": true, "TaskStateUnknown": true, "TaskPaused": true, "TaskStuck": true, "TaskStalled": true,
			"ConnectionFailed": true, "ConnectionStateUnknown": true, "ConnectionStuck": true,
		}
		if diff := cmp.Diff(want, sections); diff != "" {
			t.Errorf("%s (-want +have):\n%s", language, diff)
		}
	}
}

// With an Alertmanager, each leads to a new silence of the alerts about it alone.
func TestSilenceLinks(t *testing.T) {
	silence := regexp.MustCompile(`href="(https://alerts\.example/am/#/silences/new)\?filter=([^"]*)"`)
	page := pageOf(t, web.Options{Sources: notWell(), AlertmanagerURL: "https://alerts.example/am"})("/")
	have := map[string]bool{}
	for _, match := range silence.FindAllStringSubmatch(page, -1) {
		filter, err := url.PathUnescape(html.UnescapeString(match[2]))
		if err != nil || strings.ContainsAny(match[2], "{}\"+#?") {
			t.Errorf("%s: %v", match[2], err)
		}
		have[filter] = true
	}
	want := map[string]bool{
		`{TaskId="task-\"\\ &+#%?{}名"}`: true, `{TaskId="odd"}`: true, `{TaskId="paused"}`: true, `{TaskId="creating"}`: true, `{TaskId="stands"}`: true,
		`{ResourceId="resource-1"}`: true, `{ResourceId="resource-2"}`: true, `{ResourceId="resource-3"}`: true,
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s\n%s", diff, page)
	}
	if page := pageOf(t, web.Options{Sources: notWell()})("/"); strings.Contains(page, "silences") {
		t.Errorf("without one: want no silence in\n%s", page)
	}
}
