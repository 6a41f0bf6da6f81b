package cloudsim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

const (
	tasks       = cloudsim.DescribeDatahubTasks
	connections = cloudsim.DescribeConnectResources
	guangzhou   = "ap-guangzhou"
	shanghai    = "ap-shanghai"
)

// clock is a cloud's clock, set by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2025, 6, 1, 23, 59, 59, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// cloud is a Server with a real listener and a client.
type cloud struct {
	*cloudsim.Server
	clock     *clock
	inventory *cloudsim.Inventory
	http      *httptest.Server
}

// newCloud starts a cloud that knows ap-guangzhou and ap-shanghai; edit may
// change its options.
func newCloud(t *testing.T, edit func(*cloudsim.Options)) *cloud {
	t.Helper()
	c := &cloud{clock: newClock(), inventory: cloudsim.NewInventory(guangzhou, shanghai)}
	options := cloudsim.Options{SecretID: testID, SecretKey: testKey, Fleet: c.inventory, Now: c.clock.Now}
	if edit != nil {
		edit(&options)
	}
	c.Server = cloudsim.New(options)
	c.http = httptest.NewServer(c.Server)
	t.Cleanup(c.http.Close)
	return c
}

// request returns a request with a valid signature.
func (c *cloud) request(ctx context.Context, t *testing.T, action, region, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.http.URL+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Action", action)
	r.Header.Set("X-TC-Version", "2019-08-19")
	r.Header.Set("X-TC-Region", region)
	signAt(r, body, c.clock.Now())
	return r
}

// signAt signs a request to CKafka as of a given time.
func signAt(r *http.Request, body string, at time.Time) {
	r.Header.Set("X-TC-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Authorization", signing{
		id: testID, key: testKey, service: "ckafka", host: r.Host,
		contentType: r.Header.Get("Content-Type"), timestamp: at.Unix(), payload: body,
	}.authorization())
}

// reply is a decoded API response.
type reply struct {
	Response struct {
		RequestID string `json:"RequestId"`
		Error     struct{ Code, Message string }
		Result    struct {
			TotalCount                    any
			TaskList, ConnectResourceList []map[string]any
		}
	}
}

func (r reply) code() string { return r.Response.Error.Code }

// ids returns the IDs in whichever list there is; an element that is null is
// "null".
func (r reply) ids() []string {
	ids := []string{}
	for _, item := range append(r.Response.Result.TaskList, r.Response.Result.ConnectResourceList...) {
		id, _ := item["TaskId"].(string)
		if item == nil {
			id = "null"
		}
		ids = append(ids, id)
	}
	return ids
}

// do sends a request and decodes the response, which must have HTTP status 200.
func (c *cloud) do(t *testing.T, r *http.Request) reply {
	t.Helper()
	response, err := c.http.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, error %v, body %s", response.StatusCode, err, body)
	}
	var decoded reply
	if err := json.Unmarshal(body, &decoded); err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
	return decoded
}

// call sends a request with a valid signature and decodes the response.
func (c *cloud) call(t *testing.T, action, region, body string) reply {
	t.Helper()
	return c.do(t, c.request(t.Context(), t, action, region, body))
}

// fill adds n tasks to a region, starting with task-0.
func (c *cloud) fill(region string, n int) {
	items := make([]cloudsim.Item, n)
	for i := range items {
		items[i] = cloudsim.Item{ID: "task-" + strconv.Itoa(i), Status: 1, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC"}
	}
	c.inventory.Set(tasks, region, items...)
}
