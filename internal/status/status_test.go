package status_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/status"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	tasks       = cloudsim.DescribeDatahubTasks
	connections = cloudsim.DescribeConnectResources
	guangzhou   = "ap-guangzhou"
	shanghai    = "ap-shanghai"
)

// rig is the path of an item up to a document: a simulated cloud behind real HTTP,
// and the sources.
type rig struct {
	cloud *cloudsim.Server
	fleet *cloudsim.Inventory
	set   *source.Set

	mu  sync.Mutex
	now time.Time
}

func newRig(t *testing.T, accounts ...string) *rig {
	t.Helper()
	r := &rig{fleet: cloudsim.NewInventory(guangzhou, shanghai), now: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)}
	r.cloud = cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: r.fleet})
	server := httptest.NewServer(r.cloud)
	t.Cleanup(server.Close)
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	var configured []ckafka.Account
	for _, name := range accounts {
		configured = append(configured, ckafka.Account{
			Name: name, Credential: credential.Static("id", "key", ""), Regions: []string{guangzhou, shanghai},
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
		})
	}
	r.set = source.Open(ckafka.New(transport, ckafka.Options{}).Watch(configured), source.Options{
		Timeout: time.Minute, StaleAfter: 5 * time.Minute, Now: r.clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	t.Cleanup(r.set.Close)
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// refresh returns the document after a refresh of everything.
func (r *rig) refresh(t *testing.T) *status.Document {
	t.Helper()
	r.set.Refresh(t.Context(), 0)
	return status.Of(r.set.Last())
}

// requireGolden compares a document, as JSON, with its golden file.
func requireGolden(t *testing.T, name string, document *status.Document) {
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
	r.fleet.Set(connections, guangzhou,
		cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL", ErrorMessage: "RUNNING"},
		cloudsim.Item{ID: "resource-2", Name: "users-postgresql", Status: 7, Type: "POSTGRESQL", ErrorMessage: refused},
	)
	r.fleet.Set(tasks, guangzhou,
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
	r := newRig(t, "prod")
	requireGolden(t, "before", status.Of(r.set.Last()))
	r.fleet.Set(tasks, guangzhou,
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
	r := newRig(t, "prod", "test")
	r.breaks()
	for _, item := range r.refresh(t).Items {
		if item.ID == "resource-2" && len(item.Tasks) != 1 {
			t.Errorf("%s: want the one task of its account, have %v", item.Account, item.Tasks)
		}
	}
}

// A listing that lacks items keeps them, and the document says so.
func TestKeptItems(t *testing.T) {
	r := newRig(t, "prod")
	r.breaks()
	r.refresh(t)
	r.wait(time.Minute)
	r.fleet.Set(tasks, guangzhou, cloudsim.Item{ID: "task-1", Status: 1})
	r.cloud.Always(tasks, guangzhou, cloudsim.TotalCount(6))
	target := r.refresh(t).Targets[0]
	six := 6.0
	want := status.Target{
		Account: "prod", Region: guangzhou, Kind: status.Task, Up: true, Known: true, Listed: 1, Kept: 5, Reported: &six,
		Refreshed: r.clock(), Succeeded: r.clock(),
	}
	if diff := cmp.Diff(want, target); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

func TestFilter(t *testing.T) {
	r := newRig(t, "prod")
	r.breaks()
	items := r.refresh(t).Items
	tests := map[string]struct {
		filter status.Filter
		want   []string
	}{
		"all":                      {status.Filter{}, []string{"resource-2", "task-2", "task-5", "task-6", "task-3", "task-4", "resource-1", "task-1"}},
		"a condition":              {status.Filter{State: "failed"}, []string{"resource-2", "task-2"}},
		"a state":                  {status.Filter{State: "resume_failed"}, []string{"task-2"}},
		"no state":                 {status.Filter{State: "asleep"}, nil},
		"not running":              {status.Filter{State: "not-running"}, []string{"resource-2", "task-2", "task-5", "task-6", "task-3", "task-4"}},
		"a name":                   {status.Filter{Text: "订单"}, []string{"task-1"}},
		"upper and lower case":     {status.Filter{Text: "POSTGRES Users"}, []string{"resource-2", "task-2"}},
		"all words":                {status.Filter{Text: "task-2 resource-1"}, nil},
		"a connection's tasks":     {status.Filter{Text: "resource-1"}, []string{"task-4", "resource-1", "task-1"}},
		"a message":                {status.Filter{Text: "10.12.4.17"}, []string{"resource-2", "task-2"}},
		"a reason":                 {status.Filter{Text: "connection_refused"}, []string{"resource-2", "task-2"}},
		"a description, a warning": {status.Filter{Text: "owner inactive"}, []string{"task-2"}},
		"Chinese state":            {status.Filter{Text: "已暂停"}, []string{"task-3"}},
		"a region":                 {status.Filter{Text: guangzhou, State: "paused"}, []string{"task-3"}},
		"text and state":           {status.Filter{Text: "users", State: "running"}, nil},
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
