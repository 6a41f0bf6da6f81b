package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// hostile returns tasks with names and IDs that break careless writers and readers
// of a format.
func hostile() []cloudsim.Item {
	names := []string{
		"", `orders"} 7`, `a",region="b`, "# EOF", "x\n# EOF\n", "\n# HELP datahub_task_status x\n", `datahub_task_status{TaskId="x"} 1`,
		"{{ .Name }}", "%s%n%d", "$1", "../../etc", "<script>", "NaN", "用户画像同步", "🦀 fleet 🚦", "שלום", strings.Repeat("字", 3000),
	}
	for _, fragment := range []string{
		`"`, `\`, "\n", `\n`, "\r", "\t", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\ufeff", "\u202e", "{", "}", ",", "=", "#", " ",
	} {
		names = append(names, fragment+"orders", "or"+fragment+"ders", "orders"+fragment)
	}
	items := make([]cloudsim.Item, len(names))
	for i, name := range names {
		items[i] = cloudsim.Item{ID: fmt.Sprintf("task-%04d%s", i, name), Name: name, Status: 1}
	}
	return items
}

// Prometheus reads hostile names exactly as the API has them, in every format that
// it can request.
func TestPrometheusReadsHostileNamesInEveryFormat(t *testing.T) {
	t.Parallel()
	tasks := hostile()
	want := map[string]string{}
	for _, task := range tasks {
		want[task.ID] = task.Name
	}
	exporter := startExporter(t, startCloud(t, tasks...))
	config := readYAML(t, scrapeTheExporter)
	delete(config, "rule_files")
	var jobs []any
	formats := []string{"PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"}
	for _, format := range formats {
		jobs = append(jobs, document{
			"job_name": format, "scrape_protocols": []string{format}, "scrape_interval": scrapeInterval, "metrics_path": tasksPath,
			"static_configs": []any{document{"targets": []string{exporter.address}}},
		})
	}
	config["scrape_configs"] = jobs
	path := t.TempDir() + "/prometheus.yml"
	writeYAML(t, path, config)
	prometheus := startPrometheus(t, "prometheus3", path)
	for _, format := range formats {
		eventually(t, func() error {
			have, err := prometheus.namesOf(t, format)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(want, have); diff != "" {
				return fmt.Errorf("%s: names by ID differ (-want +have):\n%s", format, diff)
			}
			return nil
		})
	}
}

// namesOf returns the names of a scrape job's tasks by ID.
func (p *prometheus) namesOf(t testing.TB, job string) (map[string]string, error) {
	t.Helper()
	var data []map[string]string
	selector := fmt.Sprintf("datahub_task_status{job=%q}", job)
	if err := p.ask(t, "/api/v1/series", map[string][]string{"match[]": {selector}}, &data); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, labels := range data {
		names[labels["TaskId"]] = labels["TaskName"]
	}
	return names, nil
}
