package check

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "renew the chart's copies, the goldens and the plain manifests")

func TestMain(m *testing.M) {
	flag.Parse()
	if *update {
		if err := copyShipped(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// copies returns the shipped files that the chart contains copies of: Helm reads no
// files outside its chart.
func copies() map[string]string {
	return map[string]string{
		"rules.yml":                   "../../prometheus/rules.yml",
		"rules-recommended.yml":       "../../prometheus/rules-recommended.yml",
		"rules-collector.yml":         "../../prometheus/rules-collector.yml",
		"datahub_exporter.json":       "../../grafana/datahub_exporter.json",
		"datahub_exporter.zh-CN.json": "../../grafana/datahub_exporter.zh-CN.json",
		"otel-collector.yaml":         "../../../otel-collector.yaml",
	}
}

func copyShipped() error {
	for name, shipped := range copies() {
		content, err := os.ReadFile(shipped)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(chartFolder, "files", name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// TestChartCarriesTheShippedFiles checks that the chart has exactly these files,
// byte for byte.
func TestChartCarriesTheShippedFiles(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(chartFolder, "files"))
	if err != nil {
		t.Fatal(err)
	}
	if want, have := len(copies()), len(entries); want != have {
		t.Errorf("files: want %d, have %d", want, have)
	}
	for name, shipped := range copies() {
		if readFile(t, shipped) != readFile(t, filepath.Join(chartFolder, "files", name)) {
			t.Errorf("files/%s is not %s: run make chart", name, shipped)
		}
	}
}

// golden compares the content with the golden file, or updates the file.
func golden(t *testing.T, path, have string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(readFile(t, path), have); diff != "" {
		t.Errorf("%s is not what the chart makes (run make chart if it should be): -file +chart\n%s", path, diff)
	}
}

func TestExamplesRenderAsTheirGoldens(t *testing.T) {
	for _, name := range examples(t) {
		golden(t, filepath.Join("testdata", name+".yaml"), abridged(mustRender(t, name)))
	}
	goldens, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want, have := len(examples(t)), len(goldens); want != have {
		t.Errorf("goldens: want %d, one for each example, have %d", want, have)
	}
}

// carried matches the text of the dashboard and of the collector's configuration in
// a ConfigMap. TestConfigMapsHaveTheShippedFiles checks it; in a golden file it
// would be thousands of lines that hide the rest.
var carried = regexp.MustCompile(`(?m)^(  (?:"[^"]*\.json"|otel-collector\.yaml): \|\n)(?:    .*\n|\n)+`)

// groups matches the rules in a PrometheusRule, which
// TestPrometheusRulesAreTheShipped checks.
var groups = regexp.MustCompile(`(?m)^(  groups:\n)(?:    .*\n|\n)+`)

func abridged(manifest string) string {
	manifest = carried.ReplaceAllString(manifest, "$1    # the shipped file\n")
	return groups.ReplaceAllString(manifest, "$1    # those of the shipped files\n")
}
