package web_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/web"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

const (
	tasks       = cloudsim.DescribeDatahubTasks
	connections = cloudsim.DescribeConnectResources
	region      = "ap-guangzhou"
	shanghai    = "ap-shanghai"
)

// rig is the exporter's page for a simulated cloud. The clock of its sources moves
// only with wait.
type rig struct {
	cloud  *cloudsim.Server
	fleet  *cloudsim.Inventory
	api    *ckafka.API
	set    *source.Set
	server *httptest.Server

	mu  sync.Mutex
	now time.Time
}

// newRig starts a server whose sources keep an answer for minInterval.
func newRig(t *testing.T, minInterval time.Duration, accounts ...string) *rig {
	t.Helper()
	return newRigIn(t, []string{region}, source.Options{Timeout: time.Hour, MinInterval: minInterval, StaleAfter: time.Hour}, accounts...)
}

func newRigIn(t *testing.T, regions []string, options source.Options, accounts ...string) *rig {
	t.Helper()
	r := &rig{fleet: cloudsim.NewInventory(regions...), now: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)}
	r.cloud = cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: r.fleet})
	cloud := httptest.NewServer(r.cloud)
	t.Cleanup(cloud.Close)
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	var configured []ckafka.Account
	for _, name := range accounts {
		configured = append(configured, ckafka.Account{
			Name: name, Credential: credential.Static("id", "key", ""), Regions: regions,
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: cloud.Listener.Addr().String()},
		})
	}
	options.Now, options.Log = r.clock, slog.New(slog.NewTextHandler(t.Output(), nil))
	r.api = ckafka.New(transport, ckafka.Options{})
	r.set = source.Open(r.api.Listers(configured), options)
	t.Cleanup(r.set.Close)
	routes, err := web.Routes(web.Options{Self: http.NotFoundHandler(), Sources: r.set, Version: "(version=1.2.3)"})
	if err != nil {
		t.Fatal(err)
	}
	r.server = httptest.NewServer(routes)
	t.Cleanup(r.server.Close)
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

// incident sets a broken connection with its task, and one more task that is
// running.
func (r *rig) incident() {
	r.fleet.Set(connections, region,
		cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 7, Type: "MYSQL", ErrorMessage: "Connection to 10.0.0.1:3306 refused"})
	r.fleet.Set(tasks, region,
		cloudsim.Item{ID: "task-1", Name: "<script>alert(1)</script>", Status: 6, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-1"},
		cloudsim.Item{ID: "task-2", Name: "runs", Status: 1, ErrorMessage: "运行中"})
}

// fail sets failed tasks.
func (r *rig) fail(count int) {
	var items []cloudsim.Item
	for i := range count {
		items = append(items, cloudsim.Item{ID: fmt.Sprintf("task-%d", i), Status: 9})
	}
	r.fleet.Set(tasks, region, items...)
}

// warm refreshes all sources and waits for them, however long it takes: the page
// itself waits two seconds.
func (r *rig) warm(t *testing.T) {
	t.Helper()
	r.set.Refresh(t.Context(), 0)
}

// get returns a response and its body. header holds names and values.
func (r *rig) get(t *testing.T, path string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := r.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// rowKey is the key of an item; that of a change ends with a time.
var rowKey = regexp.MustCompile(`<(?:tr role="row"|li) data-key="[^"]*/([^"/:]+)"`)

// rows returns the IDs of the items on a page, in order.
func rows(page string) []string {
	var ids []string
	for _, match := range rowKey.FindAllStringSubmatch(page, -1) {
		ids = append(ids, match[1])
	}
	return ids
}
