package check

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	"sigs.k8s.io/yaml"
)

// job is the part of a scrape job that matters to the rules and the dashboard.
type job struct {
	Name        string `json:"job_name"`
	Path        string `json:"metrics_path"`
	HonorLabels bool   `json:"honor_labels"`
	Interval    string `json:"scrape_interval"`
}

// TestJobsAreTheRecommended compares the operator's jobs with the recommended ones,
// whose names the rules and the dashboard select on.
func TestJobsAreTheRecommended(t *testing.T) {
	var recommended struct {
		Jobs []job `json:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(readFile(t, "../../prometheus/prometheus-recommended.yml")), &recommended); err != nil {
		t.Fatal(err)
	}
	want := recommended.Jobs
	for i := range want {
		if want[i].Path == "" {
			want[i].Path = "/metrics" // Prometheus' default
		}
	}
	var monitored, scraped []job
	for _, endpoint := range only[*monitoringv1.ServiceMonitor](t, mustDecode(t, mustRender(t, "operator"))).Spec.Endpoints {
		monitored = append(monitored, job{
			Name: *endpoint.RelabelConfigs[0].Replacement, Path: endpoint.Path, HonorLabels: endpoint.HonorLabels, Interval: string(endpoint.Interval),
		})
	}
	for _, scrape := range all[*monitoringv1alpha1.ScrapeConfig](mustDecode(t, mustRender(t, "collector"))) {
		spec := scrape.Spec
		scraped = append(scraped, job{Name: *spec.JobName, Path: *spec.MetricsPath, HonorLabels: *spec.HonorLabels, Interval: string(*spec.ScrapeInterval)})
	}
	for what, have := range map[string][]job{"ServiceMonitor": monitored, "ScrapeConfig": scraped} {
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s: -prometheus-recommended.yml +chart\n%s", what, diff)
		}
	}
}
