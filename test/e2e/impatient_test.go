package e2e

import (
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// Two servers scrape one exporter, and the API takes longer than one of them waits:
// two round trips of 0.3 s against half a second. Every scrape calls the API, so
// each is a chance to spoil the response for the other server. The test runs alone,
// because on a busy machine the other server would not wait long enough either.
func TestImpatientPrometheusCostsAnotherNothing(t *testing.T) {
	cloud := startCloud(t, fleetOf(300)...)
	cloud.Always("", "", cloudsim.Delay(300*time.Millisecond))
	exporter := startExporter(t, cloud, asking)

	// A server cannot wait longer than its scrape interval, so the patient one
	// scrapes less often.
	patient := startPrometheus(t, "prometheus3", pacedConfig(t, exporter.address, "2s"))
	patient.awaitValue(t, `count(datahub_task_status)`, 300)
	begin := time.Now()
	impatient := startPrometheus(t, "prometheus2", pacedConfig(t, exporter.address, "1s"))

	patient.awaitValue(t, `count_over_time(datahub_task_up[5m])`, 12)
	impatient.awaitValue(t, `count_over_time(datahub_task_up[5m])`, 20)
	for query, want := range map[string]float64{
		`min_over_time(up{job="datahub-exporter-datahub-task"}[5m])`:            1,
		`min_over_time(datahub_task_up[5m])`:                                    1,
		`min_over_time(connect_resource_up[5m])`:                                1,
		`max_over_time(datahub_task_error_count[5m])`:                           0,
		`min_over_time(count(datahub_task_status)[` + since(begin) + `:500ms])`: 300,
	} {
		if have, err := patient.value(t, query); err != nil || have != want {
			t.Errorf("%s: want %v, have %v (%v)", query, want, have, err)
		}
	}
}

// pacedConfig returns the shipped configuration for the exporter's own paths, with
// the interval also as the timeout.
func pacedConfig(t testing.TB, target, interval string) string {
	t.Helper()
	config := readYAML(t, scrapeTheExporter)
	for _, job := range config["scrape_configs"].([]any) {
		job := job.(document)
		job["scrape_interval"], job["scrape_timeout"] = interval, interval
		for _, static := range job["static_configs"].([]any) {
			static.(document)["targets"] = []string{target}
		}
	}
	return writeConfig(t, config, speedup)
}

// since formats the time since a moment as a range for a query.
func since(begin time.Time) string { return time.Since(begin).Truncate(time.Second).String() }
