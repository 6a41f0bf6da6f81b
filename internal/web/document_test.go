package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/web"
	"datahub_exporter/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// newDocumentRig returns a rig with two regions.
func newDocumentRig(t *testing.T, accounts ...string) *rig {
	t.Helper()
	return newRigIn(t, []string{region, shanghai}, source.Options{Timeout: time.Minute, StaleAfter: 5 * time.Minute}, accounts...)
}

// refresh returns the document after a refresh of everything.
func (r *rig) refresh(t *testing.T) *web.Document {
	t.Helper()
	r.set.Refresh(t.Context(), 0)
	return web.NewDocument(r.set.Last(), nil)
}

// requireGolden compares a document, as JSON, with its golden file.
func requireGolden(t *testing.T, name string, document *web.Document) {
	t.Helper()
	var have bytes.Buffer
	encoder := json.NewEncoder(&have)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, have.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), have.String()); diff != "" {
		t.Errorf("%s (-want +have; renew with -update):\n%s", path, diff)
	}
}

// breaks sets a broken connection and its failed tasks.
func (r *rig) breaks() {
	const refused = "Connection to 10.12.4.17:5432 refused.\n\tat org.postgresql.Driver.connect(Driver.java:264)"
	r.fleet.Set(connections, region,
		cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL", ErrorMessage: "RUNNING"},
		cloudsim.Item{ID: "resource-2", Name: "users-postgresql", Status: 7, Type: "POSTGRESQL", ErrorMessage: refused},
	)
	r.fleet.Set(tasks, region,
		cloudsim.Item{ID: "task-1", Name: "订单", Status: 1, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-1", ErrorMessage: "运行中"},
		cloudsim.Item{
			ID: "task-2", Name: "<script>alert(1)</script>", Status: 9, Type: "SOURCE", Source: "POSTGRESQL", Target: "TOPIC", Resource: "resource-2",
			ErrorMessage: refused, Fields: map[string]any{"WarnMessage": "slot is\x00inactive", "Description": "owner: data"},
		},
		cloudsim.Item{ID: "task-3", Name: "paused", Status: 6, Type: "SINK", Source: "TOPIC", Target: "COS"},
		cloudsim.Item{ID: "task-4", Name: "new", Status: 0, Type: "SINK", Source: "TOPIC", Target: "MYSQL", Resource: "resource-1", Fields: map[string]any{"TaskProgress": 36}},
		cloudsim.Item{ID: "task-5", Name: "from the future", Status: 77, Fields: map[string]any{"SourceResource": nil, "TargetResource": nil}},
		cloudsim.Item{ID: "task-6", Fields: map[string]any{"Status": nil, "TaskName": nil}},
	)
}

// The golden files are what docs/status.md documents and the page shows.
func TestDocument(t *testing.T) {
	r := newDocumentRig(t, "prod")
	requireGolden(t, "before", web.NewDocument(r.set.Last(), nil))
	r.fleet.Set(tasks, region,
		cloudsim.Item{ID: "task-1", Name: "订单", Status: 1}, cloudsim.Item{ID: "task-2", Name: "<script>alert(1)</script>", Status: 1})
	r.refresh(t)
	r.wait(time.Minute)
	r.breaks()
	requireGolden(t, "incident", r.refresh(t))
	r.wait(time.Minute)
	r.cloud.Always("", shanghai, cloudsim.Error("UnauthorizedOperation", "no permission\nfor that"))
	requireGolden(t, "outage", r.refresh(t))
	r.wait(5 * time.Minute)
	requireGolden(t, "long outage", r.refresh(t))
}

// An ID of one account is not joined with another account's.
func TestJoinStaysInItsAccount(t *testing.T) {
	r := newDocumentRig(t, "prod", "test")
	r.breaks()
	for _, item := range r.refresh(t).Items {
		if item.ID == "resource-2" && len(item.Tasks) != 1 {
			t.Errorf("%s: want the one task of its account, have %v", item.Account, item.Tasks)
		}
	}
}

// A listing that lacks items keeps them, and the document says so.
func TestKeptItems(t *testing.T) {
	r := newDocumentRig(t, "prod")
	r.breaks()
	r.refresh(t)
	r.wait(time.Minute)
	r.fleet.Set(tasks, region, cloudsim.Item{ID: "task-1", Status: 1})
	r.cloud.Always(tasks, region, cloudsim.TotalCount(6))
	target := r.refresh(t).Targets[0]
	six := 6.0
	want := web.Target{
		Account: "prod", Region: region, Kind: "task", Up: true, Known: true, Listed: 1, Kept: 5, Reported: &six,
		Refreshed: r.clock(), Succeeded: r.clock(),
	}
	if diff := cmp.Diff(want, target, cmpopts.IgnoreUnexported(web.Target{})); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

func TestFilter(t *testing.T) {
	r := newDocumentRig(t, "prod")
	r.breaks()
	items := r.refresh(t).Items
	tests := map[string]struct {
		filter web.Filter
		want   []string
	}{
		"all":                      {web.Filter{}, []string{"resource-2", "task-2", "task-5", "task-6", "task-3", "task-4", "resource-1", "task-1"}},
		"a condition":              {web.Filter{State: "failed"}, []string{"resource-2", "task-2"}},
		"a state":                  {web.Filter{State: "resume_failed"}, []string{"task-2"}},
		"no state":                 {web.Filter{State: "asleep"}, nil},
		"not running":              {web.Filter{State: "not-running"}, []string{"resource-2", "task-2", "task-5", "task-6", "task-3", "task-4"}},
		"a name":                   {web.Filter{Text: "订单"}, []string{"task-1"}},
		"upper and lower case":     {web.Filter{Text: "POSTGRES Users"}, []string{"resource-2", "task-2"}},
		"all words":                {web.Filter{Text: "task-2 resource-1"}, nil},
		"a connection's tasks":     {web.Filter{Text: "resource-1"}, []string{"task-4", "resource-1", "task-1"}},
		"a message":                {web.Filter{Text: "10.12.4.17"}, []string{"resource-2", "task-2"}},
		"a reason":                 {web.Filter{Text: "connection_refused"}, []string{"resource-2", "task-2"}},
		"a description, a warning": {web.Filter{Text: "owner inactive"}, []string{"task-2"}},
		"Chinese state":            {web.Filter{Text: "已暂停"}, []string{"task-3"}},
		"a region in Chinese":      {web.Filter{Text: "广州", State: "paused"}, []string{"task-3"}},
		"a type in Chinese":        {web.Filter{Text: "数据流出"}, []string{"task-3", "task-4"}},
		"a region":                 {web.Filter{Text: region, State: "paused"}, []string{"task-3"}},
		"text and state":           {web.Filter{Text: "users", State: "running"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var have []string
			for _, item := range test.filter.Select(items) {
				have = append(have, item.ID)
			}
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}
