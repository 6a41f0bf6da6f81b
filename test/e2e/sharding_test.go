package e2e

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

const (
	scrapeByDiscovery = "deploy/prometheus/prometheus-sd.yml"
	// shardedInterval is the scrape interval for each of the many targets and also
	// the longest that a scrape may take, even on a busy machine.
	shardedInterval = "10s"
)

// wideCloud is a cloud of ten regions with a task and a connection each, and a
// configuration of accounts that all cover every region.
type wideCloud struct {
	*cloud
	head    string // of the configuration
	regions int
}

func startWideCloud(t *testing.T) *wideCloud {
	t.Helper()
	w := &wideCloud{regions: 10}
	fleet := cloudsim.NewInventory()
	var regions []string
	for i := range w.regions {
		name := fmt.Sprintf("ap-region-%d", i)
		regions = append(regions, name)
		fleet.Set(cloudsim.DescribeDatahubTasks, name, task(i))
		fleet.Set(cloudsim.DescribeConnectResources, name, cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL"})
	}
	w.cloud = serveFleet(t, fleet, regions...)
	content, err := os.ReadFile(w.conf)
	if err != nil {
		t.Fatal(err)
	}
	w.head = string(content)
	return w
}

// watch rewrites the configuration as an editor does, with the given accounts and
// one whose key is refused.
func (w *wideCloud) watch(t *testing.T, accounts ...string) {
	t.Helper()
	content := w.head + "[account.bad]\nsecret_id = AKIDbad\nsecret_key = key\n"
	if len(accounts) > 0 {
		content += "[account." + strings.Join(accounts, "]\n[account.") + "]\n"
	}
	written := filepath.Join(filepath.Dir(w.conf), "new.conf")
	if err := os.WriteFile(written, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(written, w.conf); err != nil {
		t.Fatal(err)
	}
}

// shardConfig returns the shipped configuration of one of the servers for an
// exporter at an address, with shorter times.
func shardConfig(t *testing.T, address string, shard int) string {
	t.Helper()
	config := readYAML(t, scrapeByDiscovery)
	global := document{"evaluation_interval": "1s"}
	if shard == 1 { // Prometheus 3 can log why a scrape failed
		global["scrape_failure_log_file"] = failures(t)
	}
	config["global"] = global
	delete(config, "alerting")
	kept := 0
	for _, job := range config["scrape_configs"].([]any) {
		job := job.(document)
		job["scrape_interval"] = shardedInterval
		for _, static := range list(job["static_configs"]) {
			static.(document)["targets"] = []string{address}
		}
		for _, discovery := range list(job["http_sd_configs"]) {
			discovery := discovery.(document)
			discovery["url"] = strings.Replace(discovery["url"].(string), "127.0.0.1:48080", address, 1)
			discovery["refresh_interval"] = "1s"
		}
		for _, relabel := range list(job["relabel_configs"]) {
			if relabel := relabel.(document); relabel["action"] == "keep" {
				relabel["regex"] = strconv.Itoa(shard)
				kept++
			}
		}
	}
	if kept != 2 {
		t.Fatalf("want two jobs that keep a shard, have %d", kept)
	}
	return writeConfig(t, config, speedup)
}

// failures returns a file in which a server logs why a scrape failed. A failed test
// shows it.
func failures(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "failures.log")
	t.Cleanup(func() {
		if written, err := os.ReadFile(file); t.Failed() && len(written) > 0 {
			t.Logf("scrapes that failed (%v):\n%s", err, written)
		}
	})
	return file
}

func list(value any) []any {
	values, _ := value.([]any)
	return values
}

// held returns the result of a query, by labels except those of the job.
func (p *prometheus) held(t testing.TB, query string) (map[string]float64, error) {
	t.Helper()
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
	if err := p.ask(t, "/api/v1/query", url.Values{"query": {query}}, &data); err != nil {
		return nil, err
	}
	held := map[string]float64{}
	for _, sample := range data.Result {
		delete(sample.Metric, "job")
		delete(sample.Metric, "instance")
		name := seriesName(sample.Metric)
		if _, twice := held[name]; twice {
			return nil, fmt.Errorf("%s twice", name)
		}
		var value float64
		if _, err := fmt.Sscan(sample.Value[1].(string), &value); err != nil {
			return nil, err
		}
		held[name] = value
	}
	return held, nil
}

// sharded holds the servers that share the targets.
type sharded []*prometheus

// held returns what all servers have. No series may be held twice, and each server
// must have something.
func (s sharded) held(t testing.TB, query string) (map[string]float64, error) {
	all := map[string]float64{}
	for i, server := range s {
		held, err := server.held(t, query)
		if err != nil || len(held) == 0 {
			return nil, fmt.Errorf("%s: server %d holds %d: %w", query, i, len(held), orNotYet(err))
		}
		for name, value := range held {
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("%s: two servers hold %s", query, name)
			}
			all[name] = value
		}
	}
	return all, nil
}

// awaitHeld waits until the servers together have exactly this, each its part.
func (s sharded) awaitHeld(t testing.TB, query string, want map[string]float64) {
	t.Helper()
	eventually(t, func() error {
		have, err := s.held(t, query)
		if diff := gocmp.Diff(want, have); err != nil || diff != "" {
			return fmt.Errorf("%s (-want +have):\n%s%w", query, diff, cmp.Or(err, errNotYet))
		}
		return nil
	})
}

// places returns a series for each region of each account: bad is the value for the
// account whose key is refused, good for the others.
func (w *wideCloud) places(name string, good, bad float64, accounts ...string) map[string]float64 {
	series := map[string]float64{}
	for region := range w.regions {
		series[fmt.Sprintf(`%s{account="bad", region="ap-region-%d"}`, name, region)] = bad
		for _, account := range accounts {
			series[fmt.Sprintf(`%s{account="%s", region="ap-region-%d"}`, name, account, region)] = good
		}
	}
	return series
}

// Two servers, one of each generation, discover a hundred targets and share them.
// An account whose key is refused fails alone, without failing a scrape, and a
// reload adds targets to both servers and removes them again, without a restart.
func TestTargetsAreDiscoveredAndShared(t *testing.T) {
	t.Parallel()
	accounts := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}
	more := append([]string{"new"}, accounts...)
	cloud := startWideCloud(t)
	cloud.watch(t, accounts...)
	exporter := startExporter(t, cloud.cloud)
	var servers sharded
	for shard, program := range []string{"prometheus2", "prometheus3"} {
		servers = append(servers, startPrometheus(t, program, shardConfig(t, exporter.address, shard)))
	}
	tasksUp, connectionsUp := `up{job="datahub-exporter-datahub-task"}`, `up{job="datahub-exporter-connect-resources"}`
	for _, step := range []struct {
		name     string
		accounts []string
	}{{"a hundred targets", accounts}, {"ten more", more}, {"a hundred again", accounts}} {
		t.Log(step.name)
		cloud.watch(t, step.accounts...)
		if err := exporter.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		servers.awaitHeld(t, tasksUp, cloud.places("up", 1, 1, step.accounts...))
		servers.awaitHeld(t, connectionsUp, cloud.places("up", 1, 1, step.accounts...))
		servers.awaitHeld(t, `datahub_task_up`, cloud.places("datahub_task_up", 1, 0, step.accounts...))
		servers.awaitHeld(t, `connect_resource_up`, cloud.places("connect_resource_up", 1, 0, step.accounts...))
	}
	servers.holdWhatIsExposed(t, exporter)
	for _, server := range servers {
		for query, want := range map[string]float64{
			// No scrape failed, except between the removal of a target and its
			// discovery.
			`min(min_over_time(up{account!="new"}[10m]))`:                  1,
			`count({__name__=~".+",exported_region=~".+"}) or vector(0)`:   0,
			`count({__name__=~".+",exported_account=~".+"}) or vector(0)`:  0,
			`sum(scrape_samples_post_metric_relabeling == 0) or vector(0)`: 0,
		} {
			if have, err := server.value(t, query); err != nil || have != want {
				t.Errorf("%s: want %v, have %v (%v)", query, want, have, err)
			}
		}
	}
}

// holdWhatIsExposed checks that the servers together have the statuses of a
// complete scrape, label by label.
func (s sharded) holdWhatIsExposed(t testing.TB, exporter *exporter) {
	t.Helper()
	whole, err := scrape(t.Context(), exporter.address, tasksPath, connectionsPath)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"datahub_task_status", "datahub_task_info", "connect_resource_status"} {
		want := map[string]float64{}
		for labels, value := range whole[name].Series {
			want[name+labels] = value
		}
		s.awaitHeld(t, name, want)
	}
}
