package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// asking makes every scrape call the cloud.
const asking = "--ckafka.min-interval=0s"

// documentedSeries returns all series of a fleet of two tasks and one connection in
// one region, as Prometheus keeps them, including those that it adds to each
// scrape.
func documentedSeries() []string {
	kinds := []struct {
		job, prefix string
		items       []string // the labels that identify each
		info        []string // for each, a pattern of its labels around those above and the job's
	}{
		{
			"datahub-exporter-connect-resources", "connect_resource",
			[]string{`ResourceId="resource-1", ResourceName="orders-mysql", `},
			[]string{`%sType="MYSQL", %s`},
		},
		{
			"datahub-exporter-datahub-task", "datahub_task",
			[]string{`TaskId="task-0000", TaskName="orders-0000", `, `TaskId="task-0001", TaskName="orders-0001", `},
			[]string{infoOfTask("0000"), infoOfTask("0001")},
		},
	}
	var series []string
	for _, kind := range kinds {
		job := fmt.Sprintf("instance=%q, job=%[1]q", kind.job)
		for _, name := range []string{"error_count", "items", "items_reported", "last_success_timestamp_seconds"} {
			series = append(series, fmt.Sprintf("%s_%s{%s, region=%q}", kind.prefix, name, job, region))
		}
		for i, item := range kind.items {
			series = append(series,
				fmt.Sprintf("%s_status{%s%s, region=%q}", kind.prefix, item, job, region),
				fmt.Sprintf(`%s_state{%s%s, region=%q, state="running"}`, kind.prefix, item, job, region),
				fmt.Sprintf("%s_info{%s, region=%q}", kind.prefix, fmt.Sprintf(kind.info[i], item, job), region))
		}
		series = append(series, fmt.Sprintf("%s_up{%s, region=%q}", kind.prefix, job, region))
	}
	series = append(series, fmt.Sprintf(
		`connect_resource_tasks{%sinstance=%q, job=%[2]q, region=%q}`, kinds[0].items[0], kinds[0].job, region))
	for _, name := range scrapeSeries() {
		for _, kind := range kinds {
			series = append(series, fmt.Sprintf("%s{instance=%q, job=%[2]q}", name, kind.job))
		}
	}
	slices.Sort(series)
	return series
}

// infoOfTask returns a pattern of the info labels of one of startCloud's tasks,
// around the labels that identify it and those of its job.
func infoOfTask(number string) string {
	return `DatahubId="datahub-` + number + `", SourceResource="resource-1", SourceType="MYSQL", TargetResource="1250000000-task-` + number +
		`", TargetType="TOPIC", %sTaskType="SOURCE", %s`
}

// scrapeSeries returns the names of the series that Prometheus adds to each scrape.
func scrapeSeries() []string {
	return []string{
		"scrape_duration_seconds", "scrape_samples_post_metric_relabeling", "scrape_samples_scraped", "scrape_series_added", "up",
	}
}

// generations returns the Prometheus versions that the shipped files support.
func generations() []string { return []string{"prometheus2", "prometheus3"} }

func TestPrometheusKeepsExactlyTheDocumentedSeries(t *testing.T) {
	t.Parallel()
	for _, generation := range generations() {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			keepsExactlyTheDocumentedSeries(t, generation)
		})
	}
}

func keepsExactlyTheDocumentedSeries(t *testing.T, generation string) {
	t.Helper()
	exporter := startExporter(t, startCloud(t, task(0), task(1)))
	prometheus := startPrometheus(t, generation, prometheusConfig(t, scrapeTheExporter, exporter.address))
	for _, path := range []string{tasksPath, connectionsPath} {
		labels := jobs()[path]
		prometheus.awaitValue(t, fmt.Sprintf("up{job=%q,instance=%q}", labels["job"], labels["instance"]), 1)
	}
	eventually(t, func() error {
		have, err := prometheus.series(t, `{job=~".+",__name__!~"ALERTS.*"}`)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(documentedSeries(), have); diff != "" {
			return fmt.Errorf("series differ (-want +have):\n%s", diff)
		}
		return nil
	})
	have, err := prometheus.series(t, `{__name__=~"ALERTS.*"}`)
	if err != nil || len(have) > 0 {
		t.Errorf("want no alert while all runs, have %v (%v)", have, err)
	}
}

// paused returns a paused task.
func paused(i int) cloudsim.Item {
	item := task(i)
	item.Status = 6
	return item
}

// labelsBeyond returns an alert's labels without those common to all alerts of its
// job.
func labelsBeyond(a alert) map[string]string {
	labels := maps.Clone(a.Labels)
	maps.DeleteFunc(labels, func(name, _ string) bool { return name == "alertname" || name == "region" })
	return labels
}

func TestTaskAlertFiresSurvivesAnOutageAndResolves(t *testing.T) {
	t.Parallel()
	for _, generation := range generations() {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			cloud := startCloud(t, task(0), task(1))
			exporter := startExporter(t, cloud, asking)
			tellsTheStory(t, cloud, startPrometheus(t, generation, prometheusConfig(t, scrapeTheExporter, exporter.address)))
		})
	}
}

// tellsTheStory pauses a task, takes the API down and brings it back, resumes the
// task, and checks the alerts of the shipped rules.
func tellsTheStory(t *testing.T, cloud *cloud, prometheus *prometheus) {
	t.Helper()
	const rule, job = "datahub_task_status", "datahub-exporter-datahub-task"
	prometheus.awaitValue(t, `datahub_task_up{job="`+job+`"}`, 1)
	prometheus.awaitEvaluated(t, rule, time.Now())
	prometheus.awaitFiring(t, rule, 0)

	cloud.setTasks(task(0), paused(1))
	before := prometheus.awaitFiring(t, rule, 1)
	want := map[string]string{"TaskId": "task-0001", "TaskName": "orders-0001", "job": job}
	have := labelsBeyond(before[0])
	delete(have, "instance")
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("labels of the alert (-want +have):\n%s", diff)
	}

	// While the API is down, the other task pauses too, which nobody can know.
	cloud.refuse()
	cloud.setTasks(paused(0), paused(1))
	prometheus.awaitValue(t, `datahub_task_error_count{job="`+job+`"}`, 5)
	prometheus.awaitValue(t, `datahub_task_up{job="`+job+`"} == 0`, 0)
	during, err := prometheus.firing(t, rule)
	if err != nil {
		t.Fatal(err)
	}
	// The alert has been active since the same time: it did not resolve and fire
	// again.
	if diff := cmp.Diff(before, during); diff != "" {
		t.Errorf("alerts during the outage (-before +during):\n%s", diff)
	}

	cloud.setTasks(task(0), paused(1))
	cloud.Always("", "", nil)
	prometheus.awaitValue(t, `datahub_task_up{job="`+job+`"}`, 1)
	after, err := prometheus.firing(t, rule)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("alerts after the outage (-before +after):\n%s", diff)
	}
	cloud.setTasks(task(0), task(1))
	prometheus.awaitFiring(t, rule, 0)
}

func TestElevenFailedRefreshesRaiseTheErrorAlerts(t *testing.T) {
	t.Parallel()
	cloud := startCloud(t, task(0))
	exporter := startExporter(t, cloud, asking)
	// Ten errors come from this test's own scrapes; the eleventh comes from
	// Prometheus.
	cloud.refuse()
	for range 10 {
		if _, err := scrape(t.Context(), exporter.address, tasksPath, connectionsPath); err != nil {
			t.Fatal(err)
		}
	}
	cloud.Always("", "", nil)
	prometheus := startPrometheus(t, "prometheus2", prometheusConfig(t, scrapeTheExporter, exporter.address))
	const query = `datahub_task_error_count{job="datahub-exporter-datahub-task"}`
	prometheus.awaitValue(t, query, 10)
	prometheus.awaitValue(t, `count_over_time(`+query+`[1m])`, 3)
	for _, rule := range []string{"datahub_task_error_count", "connect_resource_error_count"} {
		prometheus.awaitFiring(t, rule, 0)
	}
	cloud.refuse()
	for _, rule := range []string{"datahub_task_error_count", "connect_resource_error_count"} {
		alerts := prometheus.awaitFiring(t, rule, 1)
		if want, have := region, alerts[0].Labels["region"]; want != have {
			t.Errorf("%s: want the region %s, have %v", rule, want, alerts[0].Labels)
		}
	}
}

// To scrape the sidecar instead of the exporter takes the same two jobs, each of
// which keeps the series of its kind, so the rules work unchanged.
func TestTaskAlertThroughTheSidecar(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, nil, sidecarConfig)
	cloud := startCloud(t, task(0), task(1))
	startExporter(t, cloud, lively, collector.endpoint(), often)
	config := prometheusConfig(t, scrapeTheSidecar, collector.prometheus)
	prometheus := startPrometheus(t, "prometheus2", config)
	tellsTheStory(t, cloud, prometheus)
	// The collector keeps the task's earlier state until it expires.
	have, err := prometheus.series(t, `{job=~".+",__name__!~"ALERTS.*",state!="paused"}`)
	if err != nil {
		t.Fatal(err)
	}
	want := append(documentedSeries(), pushSeries()...)
	for _, name := range scrapeSeries() {
		want = append(want, name+`{instance="datahub-exporter", job="datahub-exporter"}`)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("series (-want +have):\n%s", diff)
	}
}

// An alert fires if a sidecar refuses the tasks and accepts the rest.
func TestAlertOnPushesThatAreRefused(t *testing.T) {
	t.Parallel()
	tasks := fleetOf(2000)
	for i := range tasks {
		tasks[i].Name += strings.Repeat("订单", 200) // more than 1 MiB for each request's 1,000 tasks
	}
	collector := startCollector(t, nil, sidecarConfig, "test/e2e/testdata/small-messages.yaml")
	exporter := startExporter(t, startCloud(t, tasks...), "--ckafka.qps=1000", "--ckafka.timeout=1m", still, collector.endpoint(), often)
	exporter.await(t, `msg="OTLP push failed" pushed=(tasks) err=".* larger than max`)
	prometheus := startPrometheus(t, "prometheus2", prometheusConfig(t, scrapeTheSidecar, collector.prometheus))
	alerts := prometheus.awaitFiring(t, "datahub_exporter_push_failing", 1)
	if have := alerts[0].Labels["pushed"]; have != "tasks" {
		t.Errorf("want the alert for the tasks, have %v", alerts[0].Labels)
	}
}

// To scrape a scraping collector takes one job, which keeps the labels.
func TestTaskAlertThroughTheCollectorThatScrapes(t *testing.T) {
	t.Parallel()
	cloud := startCloud(t, task(0), task(1))
	exporter := startExporter(t, cloud, asking)
	collector := startCollector(t, []string{"EXPORTER_ADDRESS=" + exporter.address, "SCRAPE_INTERVAL=1s"}, scrapeConfig)
	config := prometheusConfig(t, scrapeTheCollector, collector.prometheus)
	tellsTheStory(t, cloud, startPrometheus(t, "prometheus2", config))
}
