package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// startPrometheusForOTLP starts a Prometheus 3 that receives OTLP, with the shipped
// rules, and returns the variable that tells a collector its address.
func startPrometheusForOTLP(t *testing.T, speedup time.Duration, args ...string) (*prometheus, string) {
	t.Helper()
	p := startReceiver(t, receiveOTLP, speedup, args...)
	return p, "PROMETHEUS_OTLP_ENDPOINT=http://" + p.address + "/api/v1/otlp"
}

// startReceiver starts a Prometheus 3 that receives OTLP, with a shipped
// configuration and its rules.
func startReceiver(t *testing.T, file string, speedup time.Duration, args ...string) *prometheus {
	t.Helper()
	config := readYAML(t, file)
	config["global"] = document{"evaluation_interval": evaluationInterval}
	return startPrometheus(t, "prometheus3", writeConfig(t, config, speedup), append(args, "--web.enable-otlp-receiver")...)
}

// pushSeries returns the exporter's metrics about its pushes, as Prometheus keeps
// them.
func pushSeries() []string {
	const job = `instance="datahub-exporter", job="datahub-exporter"`
	var series []string
	for _, pushed := range []string{"connections", "exporter", "tasks"} {
		series = append(series, fmt.Sprintf("datahub_exporter_otlp_last_success_timestamp_seconds{%s, pushed=%q}", job, pushed))
		for _, result := range []string{"failure", "success"} {
			series = append(series, fmt.Sprintf("datahub_exporter_otlp_pushes_total{%s, pushed=%q, result=%q}", job, pushed, result))
		}
	}
	return series
}

// pushed returns the documented series and those about the pushes, without those
// that Prometheus adds to a scrape.
func pushed() []string {
	series := append(pushSeries(), exposed()...)
	slices.Sort(series)
	return series
}

// exposed returns the documented series without those that Prometheus adds to a
// scrape.
func exposed() []string {
	return slices.DeleteFunc(documentedSeries(), func(name string) bool {
		return strings.HasPrefix(name, "scrape_") || strings.HasPrefix(name, "up{")
	})
}

func TestTaskAlertInPrometheusThatIsHandedOTLP(t *testing.T) {
	t.Parallel()
	prometheus, endpoint := startPrometheusForOTLP(t, speedup)
	collector := startCollector(t, []string{endpoint}, sidecarConfig, "deploy/otel-collector/prometheus-otlp.yaml")
	cloud := startCloud(t, task(0), task(1))
	startExporter(t, cloud, lively, collector.endpoint(), often)
	tellsTheStory(t, cloud, prometheus)
	// OTLP does not signal that a series ended, so the series of the task's earlier
	// state is still there.
	have, err := prometheus.series(t, `{job=~".+",__name__!~"ALERTS.*|target_info",state!="paused"}`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pushed(), have); diff != "" {
		t.Errorf("series (-want +have):\n%s", diff)
	}
}

func TestTaskAlertInPrometheusThatIsHandedWhatACollectorScraped(t *testing.T) {
	t.Parallel()
	prometheus, endpoint := startPrometheusForOTLP(t, speedup)
	cloud := startCloud(t, task(0), task(1))
	exporter := startExporter(t, cloud, asking)
	startCollector(t, []string{
		endpoint, "OTLP_ONWARD_EXPORTERS=[otlp_http/prometheus]", "EXPORTER_ADDRESS=" + exporter.address, "SCRAPE_INTERVAL=1s",
	}, scrapeConfig, "deploy/otel-collector/prometheus-otlp-scraped.yaml")
	tellsTheStory(t, cloud, prometheus)
}

// OTLP does not signal that a series ended, so a deleted task stays for the
// lookback period; with a scraping collector it disappears at once.
func TestDeletedTaskInPrometheusThatIsHandedOTLP(t *testing.T) {
	t.Parallel()
	const lookback = 8 // seconds; 5 minutes by default
	const statuses = `count(datahub_task_status)`
	prometheus, endpoint := startPrometheusForOTLP(t, speedup, fmt.Sprintf("--query.lookback-delta=%ds", lookback))
	collector := startCollector(t, []string{endpoint}, sidecarConfig, "deploy/otel-collector/prometheus-otlp.yaml")
	cloud := startCloud(t, task(0), paused(1))
	startExporter(t, cloud, lively, collector.endpoint(), often)
	const rule = "datahub_task_status"
	prometheus.awaitFiring(t, rule, 1)
	cloud.setTasks(task(0))
	// The exporter no longer counts the task, but its status is still there.
	const items = `datahub_task_items`
	eventually(t, func() error {
		value, err := prometheus.value(t, items)
		if err != nil {
			return err
		}
		if value != 1 {
			return fmt.Errorf("%s: want 1, have %v", items, value)
		}
		return nil
	})
	if value, err := prometheus.value(t, statuses); err != nil || value != 2 {
		t.Errorf("%s: want 2 still, have %v (%v)", statuses, value, err)
	}
	prometheus.awaitFiring(t, rule, 0)
	if value, err := prometheus.value(t, statuses); err != nil || value != 1 {
		t.Errorf("%s: want 1, have %v (%v)", statuses, value, err)
	}
}
