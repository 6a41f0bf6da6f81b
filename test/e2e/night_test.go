package e2e

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// A night is told in minutes and takes as many seconds. What is measured in minutes
// is scaled: the times in the rules, the scrape and evaluation intervals, the
// lookback and how long a status is kept. What is measured in seconds is not: the
// refresh timeout, the pauses between retries and the API's quota.
const (
	nightSpeedup = 60
	minute       = time.Minute / nightSpeedup
)

func nightFlags() []string {
	return []string{"--ckafka.min-interval=160ms", "--ckafka.timeout=800ms", "--ckafka.stale-after=" + (5 * minute).String()}
}

// story is what happens in a night.
type story struct {
	// tasks exist at the start; by default one runs and one is paused.
	tasks []cloudsim.Item
	// pair says whether there are two exporters.
	pair bool
	// events are in order of their minutes.
	events []event
	// lasts is the number of minutes; 14 by default.
	lasts int
	// quiet says that no alert at all may fire.
	quiet bool
	// rules is the rule file; the documented rules by default.
	rules string
	// spoil changes a rule to show that the judge notices.
	spoil func(rule document)
}

// event is something that happens at a minute of the night.
type event struct {
	minute float64
	happen func(n *night)
}

// night is a story in progress.
type night struct {
	t          *testing.T
	cloud      *cloud
	exporters  []*drilledExporter
	prometheus *prometheus
	// tasks and connections are those that exist, now is the current truth, and
	// history the past ones.
	tasks, connections []cloudsim.Item
	now                truth
	history            history
}

// tell runs the story and returns what was wrong with the alerts at the first
// moment when anything was.
func (s *story) tell(t *testing.T) []string {
	t.Helper()
	n := newNight(t, s)
	n.record()
	begin := n.now.since
	for _, event := range s.events {
		until(begin, event.minute)
		event.happen(n)
		n.record()
	}
	until(begin, float64(max(s.lasts, 14)))
	for i, alerts := range n.prometheus.timeline(t, begin, time.Now()) {
		at := begin.Add(time.Duration(i) * timelineStep)
		wrong := n.history.judge(at, documented(alerts))
		if s.quiet && len(alerts) > 0 {
			wrong = append(wrong, fmt.Sprintf("nothing should fire, and %v does", alerts))
		}
		if len(wrong) > 0 {
			return append([]string{fmt.Sprintf("minute %.1f, %d alerts: %v", at.Sub(begin).Seconds(), len(alerts), alerts)}, wrong...)
		}
	}
	return nil
}

// until waits for a minute of the night.
func until(begin time.Time, minutes float64) {
	time.Sleep(time.Until(begin.Add(time.Duration(minutes * float64(minute)))))
}

func newNight(t *testing.T, s *story) *night {
	t.Helper()
	n := &night{t: t, tasks: s.tasks, connections: []cloudsim.Item{connection(1)}}
	if n.tasks == nil {
		n.tasks = []cloudsim.Item{task(0), paused(1)}
	}
	n.now = truth{failing: map[string]bool{}, exporters: 1}
	if s.pair {
		n.now.exporters = 2
	}
	n.cloud = startCloud(t, n.tasks...)
	for range n.now.exporters {
		n.exporters = append(n.exporters, newDrilledExporter(t, n.cloud, nightFlags()...))
	}
	n.prometheus = startPrometheus(t, "prometheus2", n.config(s), "--query.lookback-delta="+(5*minute).String())
	n.prometheus.awaitValue(t, `count(datahub_task_status)`, float64(len(n.tasks)*n.now.exporters))
	n.prometheus.awaitValue(t, `count(connect_resource_status)`, float64(n.now.exporters))
	return n
}

// config writes the shipped configuration, with one instance per exporter.
func (n *night) config(s *story) string {
	config := readYAML(n.t, scrapeTheExporter)
	config["global"] = document{"evaluation_interval": minute.String()} // a minute by default
	for _, job := range config["scrape_configs"].([]any) {
		job := job.(document)
		job["scrape_interval"] = minute.String()
		shipped := job["static_configs"].([]any)[0].(document)
		shipped["targets"] = []string{n.exporters[0].address}
		if len(n.exporters) > 1 {
			job["static_configs"] = []any{shipped, document{
				"targets": []string{n.exporters[1].address}, "labels": document{"instance": "the other one"},
			}}
		}
	}
	rules := cmp.Or(s.rules, "rules.yml")
	config["rule_files"] = []any{rules}
	path := writeConfig(n.t, config, nightSpeedup)
	if s.spoil != nil {
		spoilRules(n.t, filepath.Join(filepath.Dir(path), rules), s.spoil)
	}
	return path
}

// record updates the cloud and records the truth from now on.
func (n *night) record() {
	n.cloud.setTasks(n.tasks...)
	n.cloud.fleet.Set(cloudsim.DescribeConnectResources, region, n.connections...)
	n.now.broken = map[string]bool{}
	for _, item := range slices.Concat(n.tasks, n.connections) {
		if _, odd := item.Fields["Status"]; odd || item.Status != 1 {
			n.now.broken[item.ID] = true
		}
	}
	n.now.since = time.Now()
	n.history = append(n.history, n.now.clone())
}
