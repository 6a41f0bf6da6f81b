package app

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"datahub_exporter/internal/cloudsim"
)

// twoRegions serves a task in each of two regions, and returns the cloud and the
// configuration file, which names the first.
func twoRegions(t *testing.T) (*cloudsim.Server, string) {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou", "ap-shanghai")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-shanghai", cloudsim.Item{ID: "task-2", Name: "stock", Status: 6})
	return serveFleet(t, fleet)
}

// edit replaces a text in the configuration file, as an editor does.
func edit(t *testing.T, conf, from, to string) {
	t.Helper()
	path := strings.TrimPrefix(conf, "--conf=")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), from) {
		t.Fatalf("no %q in the file", from)
	}
	if err := os.WriteFile(path+".new", []byte(strings.Replace(string(content), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func (e *exporter) reload(t *testing.T) (int, string) {
	t.Helper()
	return e.do(t, http.MethodPost, "/-/reload")
}

// A good file takes effect completely, and one that is refused changes nothing but
// what /metrics says about it.
func TestReload(t *testing.T) {
	_, conf := twoRegions(t)
	exporter := start(t, conf, "--web.enable-lifecycle", "--ckafka.min-interval=0s")
	tasks := "/api/v1/ckafka/datahub_tasks/metrics"
	steps := []struct {
		name     string
		from, to string // in the file
		status   int
		answer   string
		present  []string // in what is exposed afterwards
		absent   string
	}{
		{
			"another region", "ap-guangzhou", "ap-guangzhou, ap-shanghai", 200, "",
			[]string{`TaskId="task-1"`, `TaskId="task-2"`, "config_last_reload_successful 1\n"},
			" -1\n",
		},
		{
			"a slip of the pen", "region =", "regoin =", 500, `unknown key "regoin" in [common]; did you mean "region"?`,
			[]string{`TaskId="task-1"`, `TaskId="task-2"`, "config_last_reload_successful 0\n"},
			"config_last_reload_successful 1\n",
		},
		{
			"mended, with less", "regoin = ap-guangzhou, ", "region = ", 200, "",
			[]string{`TaskId="task-2"`, "config_last_reload_successful 1\n"},
			`ap-guangzhou`, // not on /metrics, either
		},
		{
			"a push", "[common]", "[otlp]\nendpoint = http://127.0.0.1:9\n[common]", 200, "[otlp] has changed; restart the exporter to apply it",
			[]string{`TaskId="task-2"`, "config_last_reload_successful 1\n"},
			"otlp_pushes",
		},
		{
			"a revoked key", "AKIDtest", "AKIDother", 200, "[otlp] has changed",
			[]string{`datahub_task_up{region="ap-shanghai"} 0`, `TaskId="task-2"`, `datahub_task_error_count{region="ap-shanghai"} 1`},
			`TaskId="task-1"`,
		},
	}
	for _, step := range steps {
		if code, body := exporter.get(t, tasks); code != 200 {
			t.Fatalf("before %s: %d %s", step.name, code, body)
		}
		edit(t, conf, step.from, step.to)
		if code, answer := exporter.reload(t); code != step.status || !strings.Contains(answer, step.answer) {
			t.Errorf("%s: want %d with %q, have %d: %s", step.name, step.status, step.answer, code, answer)
		}
		_, exposed := exporter.get(t, tasks)
		_, self := exporter.get(t, "/metrics")
		for _, want := range step.present {
			if !strings.Contains(exposed+self, want) {
				t.Errorf("%s: want %s in:\n%s", step.name, want, exposed)
			}
		}
		if strings.Contains(exposed+self, step.absent) {
			t.Errorf("%s: want no %s in:\n%s", step.name, step.absent, exposed)
		}
	}
}

// A client can reload only if a flag allows it.
func TestReloadEndpointIsOffByDefault(t *testing.T) {
	_, conf := cloud(t)
	exporter := start(t, conf)
	if code, body := exporter.reload(t); code != 403 || !strings.Contains(body, "--web.enable-lifecycle") {
		t.Errorf("want 403 and how to enable it, have %d: %s", code, body)
	}
}

// However often the file is read again, no scrape fails or lacks a series of a
// target that stays, and each sees one state of the configuration.
func TestScrapesDuringReloads(t *testing.T) {
	t.Parallel()
	const reloads = 100
	_, conf := twoRegions(t)
	exporter := start(t, conf, "--web.enable-lifecycle", "--ckafka.min-interval=0s", "--ckafka.qps=1000")
	stop := make(chan struct{})
	var scrapes sync.WaitGroup
	for range 2 {
		scrapes.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				code, body := exporter.get(t, "/api/v1/ckafka/datahub_tasks/metrics")
				stays := strings.Contains(body, `datahub_task_status{TaskId="task-1",TaskName="orders",region="ap-guangzhou"} 1`)
				up, known := strings.Contains(body, `datahub_task_up{region="ap-shanghai"} 1`), strings.Contains(body, `TaskId="task-2"`)
				if code != 200 || !stays || up != known {
					t.Errorf("want both targets or the one that stays, have %d:\n%s", code, body)
					return
				}
			}
		})
	}
	for i := range reloads {
		from, to := "ap-guangzhou\n", "ap-guangzhou, ap-shanghai\n"
		if i%2 == 1 {
			from, to = to, from
		}
		edit(t, conf, from, to)
		if code, body := exporter.reload(t); code != 200 {
			t.Fatalf("reload %d: %d %s", i, code, body)
		}
	}
	close(stop)
	scrapes.Wait()
}
