package check

import (
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	appsv1 "k8s.io/api/apps/v1"
)

// parent returns a chart that has this one as a dependency, under another name and with
// a condition, whose value Helm passes down with the others.
func parent(t testing.TB) *chart.Chart {
	t.Helper()
	loaded := &chart.Chart{Metadata: &chart.Metadata{
		APIVersion: "v2", Name: "parent", Version: "1.0.0", Type: "application",
		Dependencies: []*chart.Dependency{{
			Name: "datahub-exporter", Alias: "ckafka", Version: ">=0.0.0", Condition: "ckafka.enabled", Tags: []string{"monitoring"},
		}},
	}}
	loaded.AddDependency(loadChart(t))
	return loaded
}

// TestChartIsADependency renders the chart as a part of another one.
func TestChartIsADependency(t *testing.T) {
	for text, want := range map[string]int{
		"{ckafka: {enabled: true, demo: true}}":                                        1,
		"{ckafka: {enabled: false, demo: true}}":                                       0,
		"{ckafka: {demo: true}, tags: {monitoring: false}}":                            0,
		"{global: {imageRegistry: x}, ckafka: {demo: true}, tags: {monitoring: true}}": 1,
	} {
		rendered, err := renderChart(parent(t), release, values(t, text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		objects, err := decode(t, rendered)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if have := len(all[*appsv1.Deployment](objects)); want != have {
			t.Errorf("%s: want %d deployments, have %d", text, want, have)
		}
	}
}

// TestNewChartRestartsNothing checks that another version of the chart alone leaves the
// pods as they are.
func TestNewChartRestartsNothing(t *testing.T) {
	pods := func(version string) string {
		t.Helper()
		loaded := loadChart(t)
		loaded.Metadata.Version = version
		rendered, err := renderChart(loaded, release, with(t, "{}"))
		if err != nil {
			t.Fatal(err)
		}
		return only[*appsv1.Deployment](t, mustDecode(t, rendered)).Spec.Template.String()
	}
	if pods("1.0.0") != pods("1.0.1") {
		t.Error("want the same pods, have others")
	}
}
