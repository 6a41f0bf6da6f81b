package check

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// Paths relative to this folder.
const (
	chartFolder     = "../datahub-exporter"
	examplesFolder  = "../examples"
	manifestsFolder = "../../kubernetes"
)

// namespace is the namespace that everything is rendered for.
const namespace = "monitoring"

func loadChart(t testing.TB) *chart.Chart {
	t.Helper()
	loaded, err := loader.Load(chartFolder)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// examples returns the names of the example values.
func examples(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(examplesFolder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".yaml")
	}
	if want, have := 6, len(names); have < want {
		t.Fatalf("examples: want at least %d, have %d", want, have)
	}
	return names
}

// example returns the values of an example.
func example(t testing.TB, name string) chartutil.Values {
	t.Helper()
	values, err := chartutil.ReadValuesFile(filepath.Join(examplesFolder, name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// release is the release that everything is rendered for, unless a test names another.
var release = chartutil.ReleaseOptions{Name: "datahub-exporter", Namespace: namespace, IsInstall: true}

// render returns what helm template prints for the values, without tests and notes:
// the templates in order of their names.
func render(t testing.TB, values chartutil.Values) (string, error) {
	t.Helper()
	return renderChart(loadChart(t), release, values)
}

// renderChart renders a chart with its dependencies.
func renderChart(loaded *chart.Chart, release chartutil.ReleaseOptions, values chartutil.Values) (string, error) {
	if err := chartutil.ProcessDependenciesWithMerge(loaded, values); err != nil {
		return "", err
	}
	checked, err := chartutil.ToRenderValues(loaded, values, release, nil)
	if err != nil {
		return "", err
	}
	rendered, err := engine.Render(loaded, checked)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if content := strings.TrimSpace(rendered[name]); content != "" && strings.HasSuffix(name, ".yaml") {
			all.WriteString("---\n" + strings.TrimPrefix(content, "---\n") + "\n")
		}
	}
	return all.String(), nil
}

// mustRender renders an example.
func mustRender(t testing.TB, name string) string {
	t.Helper()
	rendered, err := render(t, example(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rendered
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
