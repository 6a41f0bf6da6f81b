package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// incident is the time in the demo when a connection is down, tasks that use it
// have failed, and another task is paused.
const incident = 2*time.Minute + 45*time.Second

// standstill is the demo frozen at one moment.
type standstill struct {
	story cloudsim.Fleet
	at    time.Time
}

func demoAt(at time.Duration) standstill {
	start := time.Now()
	return standstill{cloudsim.Demo(start), start.Add(at)}
}

// Items implements [cloudsim.Fleet].
func (s standstill) Items(action, region string, _ time.Time) ([]cloudsim.Item, bool) {
	return s.story.Items(action, region, s.at)
}

// dashboardConfig returns a configuration that scrapes the exporter as shipped, a
// second time with other job names, as users do when they migrate, and its
// /metrics. It loads the recommended rules, some of which the dashboard reads.
func dashboardConfig(t testing.TB, address string) string {
	t.Helper()
	path := prometheusConfig(t, scrapeTheExporter, address)
	config := parseYAML(t, path)
	jobs := config["scrape_configs"].([]any)
	for name, at := range map[string]string{"second-tasks": tasksPath, "second-connections": connectionsPath, "datahub-exporter": "/metrics"} {
		jobs = append(jobs, document{
			"job_name": name, "metrics_path": at, "scrape_interval": scrapeInterval,
			"static_configs": []any{document{"targets": []string{address}}},
		})
	}
	config["scrape_configs"] = jobs
	const rules = "rules-recommended.yml"
	config["rule_files"] = []string{rules}
	writeYAML(t, filepath.Join(filepath.Dir(path), rules), readYAML(t, "deploy/prometheus/"+rules))
	writeYAML(t, path, config)
	return path
}

// databases returns the servers that the dashboard is used with.
func databases(t *testing.T, config string) map[string]func(t *testing.T) *prometheus {
	t.Helper()
	return map[string]func(t *testing.T) *prometheus{
		"prometheus2": func(t *testing.T) *prometheus { return startPrometheus(t, "prometheus2", config) },
		"prometheus3": func(t *testing.T) *prometheus { return startPrometheus(t, "prometheus3", config) },
		"victoriametrics": func(t *testing.T) *prometheus {
			return &prometheus{address: startVictoriaMetrics(t, "-promscrape.config="+config, "-promscrape.config.strictParse=false")}
		},
	}
}

func TestDashboardShowsTheDemo(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, nil, sidecarConfig)
	cloud := serveFleet(t, demoAt(incident), "ap-guangzhou", "ap-shanghai")
	exporter := startExporter(t, cloud, lively, collector.endpoint(), often, "--ckafka.progress-interval=1m")
	config := dashboardConfig(t, exporter.address)
	for name, start := range databases(t, config) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, dashboard := start(t), readDashboard(t)
			exempt := map[string]string{}
			if name == "victoriametrics" {
				const why = "it leaves the rules to vmalert"
				exempt = map[string]string{"Least available tasks, 1 day": why, "Least available tasks, 30 days": why}
			}
			drawsEverything(t, database, dashboard, exempt)
			offersTheDemo(t, database, dashboard)
			countsTheDemo(t, database, dashboard)
			agreesWithTheDocument(t, database, "docs/grafana.md", dashboard, "Connections not running", "Tasks not running")
			agreesWithTheDocument(t, database, "docs/zh-CN/grafana.md", readDashboardFile(t, "datahub_exporter.zh-CN.json"), "未运行的连接", "未运行的任务")
		})
	}
}

// drawsEverything evaluates every expression of the dashboard. Each must show
// something, except those of panels that are exempt for a reason.
func drawsEverything(t *testing.T, database *prometheus, dashboard *dashboard, exempt map[string]string) {
	t.Helper()
	targets := 0
	for _, panel := range dashboard.Panels {
		if why, is := exempt[panel.Title]; is {
			t.Logf("%s is exempt: %s", panel.Title, why)
			continue
		}
		for _, target := range panel.Targets {
			targets++
			eventually(t, func() error {
				all, err := database.draw(t, target, dashboard.everything())
				if err != nil || len(all) == 0 {
					return fmt.Errorf("%s shows nothing: %s: %w", panel.Title, target.Expr, orNotYet(err))
				}
				return nil
			})
		}
	}
	if targets == 0 {
		t.Error("the dashboard has no expressions")
	}
}

// The same with --demo itself, from its start.
func TestDashboardShowsTheStartOfTheDemo(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, nil, sidecarConfig)
	exporter := start(t, nil, exporterBinary, "--demo", "--web.listen-address=127.0.0.1:0", lively, collector.endpoint(), often)
	address := exporter.await(t, `msg="Listening on" address=(\S+)`)
	const why = "no connection of the demo has failed yet; TestDashboardShowsTheDemo has one"
	drawsEverything(t, startPrometheus(t, "prometheus2", dashboardConfig(t, address)), readDashboard(t),
		map[string]string{"Connections not running": why, "Connections that did not always run": why})
}

// offersTheDemo checks what the reader can choose from.
func offersTheDemo(t *testing.T, database *prometheus, dashboard *dashboard) {
	t.Helper()
	have := map[string][]string{}
	for _, variable := range dashboard.Templating.List {
		if variable.Definition == "" {
			continue
		}
		values, err := database.values(t, variable, dashboard.everything())
		if err != nil {
			t.Error(err)
		}
		have[variable.Name] = values
	}
	if len(have["account"]) > 0 || len(have["name"]) < 10 || !strings.Contains(fmt.Sprint(have["name"]), "用户画像同步") {
		t.Errorf("want no account and the names of the tasks, have %v", have)
	}
	if diff := cmp.Diff([]string{"ap-guangzhou", "ap-shanghai"}, have["region"]); diff != "" {
		t.Errorf("regions (-want +have):\n%s", diff)
	}
}

// countsTheDemo compares the numbers with those of the cloud. A second scrape job
// for the same exporter doubles none of them.
func countsTheDemo(t *testing.T, database *prometheus, dashboard *dashboard) {
	t.Helper()
	for _, c := range []struct {
		title  string
		chosen choice
		want   map[string]float64
	}{
		{"Tasks", dashboard.everything(), map[string]float64{"Failed": 3, "Unknown": 0, "Paused": 1, "Changing": 0, "Running": 8}},
		{"Connections", dashboard.everything(), map[string]float64{"Failed": 1, "Unknown": 0, "Changing": 0, "Running": 4}},
		{
			"Tasks", dashboard.everything().with("region", "ap-shanghai"),
			map[string]float64{"Failed": 0, "Unknown": 0, "Paused": 0, "Changing": 0, "Running": 4},
		},
		{
			"Tasks by state", dashboard.everything().with("name", "(用户画像同步|orders-cdc-to-kafka)"),
			map[string]float64{"resume_failed": 1, "running": 1},
		},
		{"Connections that did not always run", dashboard.everything(), map[string]float64{"users-postgresql ap-guangzhou": 7}},
		{"Tasks that did not always run", dashboard.everything(), map[string]float64{
			"user-login-events ap-guangzhou": 9, "历史订单回溯 orders-backfill ap-guangzhou": -1,
			"用户画像同步 ap-guangzhou": 9, "风控特征入库 risk-features ap-guangzhou": 6,
		}},
		{"Refreshes", dashboard.everything(), map[string]float64{
			"tasks ap-guangzhou": 1, "tasks ap-shanghai": 1, "connections ap-guangzhou": 1, "connections ap-shanghai": 1,
		}},
		{"Regions", dashboard.everything(), map[string]float64{"Up": 2, "Failing": 0}},
		{"Tasks cut off", dashboard.everything(), map[string]float64{"": 2}},
		{"Targets down", dashboard.everything(), map[string]float64{"": 0}},
	} {
		eventually(t, func() error {
			have, err := database.figuresOf(t, dashboard.panel(t, c.title), c.chosen)
			if diff := cmp.Diff(c.want, have); err != nil || diff != "" {
				return fmt.Errorf("%s for %v (-want +have):\n%s%w", c.title, c.chosen, diff, orNotYet(err))
			}
			return nil
		})
	}
}

// agreesWithTheDocument compares tables with those in the document.
func agreesWithTheDocument(t *testing.T, database *prometheus, path string, dashboard *dashboard, titles ...string) {
	t.Helper()
	document, err := os.ReadFile(shipped(t, path))
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range titles {
		lines, err := database.tableOf(t, dashboard.panel(t, title), dashboard.everything())
		if err != nil {
			t.Fatal(err)
		}
		table := strings.Join(lines, "\n") + "\n"
		if !strings.Contains(string(document)+"\n", "\n\n"+table+"\n") {
			t.Errorf("%s: %s does not show this table:\n%s", title, path, table)
		}
	}
}
