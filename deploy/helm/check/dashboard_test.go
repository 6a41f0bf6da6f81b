package check

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	corev1 "k8s.io/api/core/v1"
)

// dashboardOf returns the dashboard of a release and the name of its file.
func dashboardOf(t *testing.T, language, name, namespace string) (file string, dashboard map[string]any) {
	t.Helper()
	release := chartutil.ReleaseOptions{Name: name, Namespace: namespace}
	rendered, err := renderChart(loadChart(t), release, values(t, "{demo: true, dashboard: {enabled: true, language: "+language+"}}"))
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range only[*corev1.ConfigMap](t, mustDecode(t, rendered)).Data {
		if err := json.Unmarshal([]byte(text), &dashboard); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		file = key
	}
	return file, dashboard
}

// TestEachReleaseHasItsDashboard checks that nothing of two dashboards is the same that
// Grafana or its sidecar keep only once, and that the rest is the shipped file.
func TestEachReleaseHasItsDashboard(t *testing.T) {
	for language, file := range map[string]string{"en": "datahub_exporter.json", "zh-CN": "datahub_exporter.zh-CN.json"} {
		t.Run(language, func(t *testing.T) { checkDashboards(t, language, file) })
	}
}

func checkDashboards(t *testing.T, language, of string) {
	t.Helper()
	var shipped map[string]any
	if err := json.Unmarshal([]byte(readFile(t, "../../grafana/"+of)), &shipped); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, release := range [][2]string{
		{"datahub-exporter", "monitoring"},
		{"datahub-exporter", "staging"},
		{"datahub-exporter-2", "monitoring"},
		{strings.Repeat("a", 53), strings.Repeat("n", 63)},
	} {
		file, have := dashboardOf(t, language, release[0], release[1])
		uid, title := fmt.Sprint(have["uid"]), fmt.Sprint(have["title"])
		for _, unique := range []string{file, uid, title} {
			if seen[unique] {
				t.Errorf("%v: another release has %s, too", release, unique)
			}
			seen[unique] = true
		}
		if longest := 40; len(uid) > longest {
			t.Errorf("want a uid of at most %d characters, as Grafana does, have %s", longest, uid)
		}
		if shipped["uid"] == uid || shipped["title"] == title {
			t.Errorf("%v: want another uid and title than those of the shipped file", release)
		}
		have["uid"], have["title"] = shipped["uid"], shipped["title"]
		if fmt.Sprint(shipped) != fmt.Sprint(have) {
			t.Errorf("%v: the rest is not the shipped dashboard", release)
		}
	}
}
