package instrument_test

import (
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) {
	// The parallel tests wait for retries; they do not compute.
	if err := flag.Set("test.parallel", "32"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// The index of each kind in source.Kinds.
const (
	tasks = iota
	connections
)

// rig is the complete path of an item: a simulated cloud behind real HTTP, the real
// SDK, and a server for each kind.
type rig struct {
	cloud *cloudsim.Server
	fleet *cloudsim.Inventory
	clock *clock // clock by which snapshots age
	skew  *clock // the cloud's clock, by which it checks signatures
	set   *source.Set
	paths []*httptest.Server // one for each kind
}

// newRig starts a cloud with empty regions. Options.Now is the rig's clock.
func newRig(t testing.TB, options source.Options, regions ...string) *rig {
	t.Helper()
	return newRigOn(t, cloudsim.Options{}, options, regions...)
}

// newRigOn starts a cloud with a quota or a latency.
func newRigOn(t testing.TB, cloudOptions cloudsim.Options, options source.Options, regions ...string) *rig {
	t.Helper()
	r := &rig{fleet: cloudsim.NewInventory(regions...), clock: &clock{now: time.Unix(1_700_000_000, 0)}, skew: &clock{now: time.Now()}}
	cloudOptions.SecretID, cloudOptions.SecretKey, cloudOptions.Fleet = "id", "key", r.fleet
	if cloudOptions.QPS == 0 { // with a quota, the cloud's clock must run by itself
		cloudOptions.Now = r.skew.Now
	}
	r.cloud = cloudsim.New(cloudOptions)
	cloud := httptest.NewServer(r.cloud)
	t.Cleanup(cloud.Close)
	account := ckafka.Account{
		Name: "common", Credential: credential.Static("id", "key", ""), Regions: regions,
		Endpoint: endpoint.Endpoint{Scheme: "http", Host: strings.TrimPrefix(cloud.URL, "http://")},
	}
	transport := ckafka.NewTransport()
	transport.DialContext = new(net.Dialer).DialContext // a slow machine may take longer than the time limit
	t.Cleanup(transport.CloseIdleConnections)
	options.Now, options.RetryPause = r.clock.Now, time.Millisecond
	if options.Log == nil {
		options.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	sources := source.Open(ckafka.New(transport, ckafka.Options{}).Listers([]ckafka.Account{account}), options)
	t.Cleanup(sources.Close)
	r.set = sources
	for _, kind := range source.Kinds() {
		r.paths = append(r.paths, expose(t, kind, sources))
	}
	return r
}

// quiet returns an error log that discards everything.
func quiet() logging.ScrapeErrors { return logging.NewScrapeErrors(slog.New(slog.DiscardHandler)) }

// expose serves a kind. The tags with some keys become labels.
func expose(t testing.TB, kind source.Kind, sources *source.Set, tags ...string) *httptest.Server {
	exposition, err := instrument.NewExposition(kind, sources, instrument.Options{Tags: tags, ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := exposition.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(exposition)
	t.Cleanup(server.Close)
	return server
}

// scrape returns the response of the kind's path.
func (r *rig) scrape(t testing.TB, kind int, accept string) (body, contentType string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.paths[kind].URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status: want 200, have %d:\n%s", response.StatusCode, content)
	}
	return string(content), response.Header.Get("Content-Type")
}

// series returns the sample lines of the text format that begin with prefix.
func (r *rig) series(t testing.TB, kind int, prefix string) []string {
	t.Helper()
	body, _ := r.scrape(t, kind, "")
	var lines []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, prefix) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// golden compares have with a file under testdata, byte by byte.
func golden(t *testing.T, name, have string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(have), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), have); diff != "" {
		t.Errorf("%s (-want +have), renew it with -update:\n%s", path, diff)
	}
}
