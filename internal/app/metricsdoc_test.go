package app

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// project is the folder of the project.
const project = "../.."

const metricsDocument = "docs/metrics.md"

// The document lists exactly the series that are exposed, with their labels and an
// example.
func TestMetricsAreDocumented(t *testing.T) {
	documented := documentedFamilies(t)
	exposed := exposedFamilies(t)
	if diff := cmp.Diff(documented, exposed); diff != "" {
		t.Errorf("labels of each family (-%s +exposed):\n%s", metricsDocument, diff)
	}
}

// The document lists every reason and its remedy, in both languages.
func TestReasonsAreDocumented(t *testing.T) {
	const chineseDocument = "docs/zh-CN/metrics.md"
	for _, reason := range reason.All() {
		for path, remedy := range map[string]string{metricsDocument: reason.Remedy, chineseDocument: reason.RemedyChinese} {
			if row := "| `" + reason.Word + "` | " + remedy + " |\n"; !strings.Contains(document(t, path), row) {
				t.Errorf("%s lacks the row\n%s", path, row)
			}
		}
	}
}

// documentedFamilies returns the labels of each family in the document's tables. It
// checks that a row's example is of that family and has those labels.
func documentedFamilies(t *testing.T) map[string]string {
	t.Helper()
	families := map[string]string{}
	for line := range strings.Lines(document(t, metricsDocument)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) < 4 || !strings.HasPrefix(line, "| `") {
			continue
		}
		name, labels, example := plain(cells[0]), plain(cells[1]), plain(cells[len(cells)-1])
		for _, kind := range source.Kinds() {
			if full := strings.Replace(name, "…", kind.Prefix, 1); strings.HasPrefix(full, kind.Prefix) {
				families[full] = sorted(strings.NewReplacer("ID", kind.IDLabel, "name", kind.NameLabel).Replace(labels))
			}
		}
		if !strings.HasPrefix(name, "…") && families[name] == "" {
			families[name] = sorted(labels)
		}
		for shown, metric := range parsed(t, example) {
			if families[shown] == "" { // a part of a histogram
				shown = shown[:strings.LastIndex(shown, "_")]
			}
			if families[shown] != labelsOf(metric) {
				t.Errorf("%s: its example is of %s, with the labels %s", name, shown, labelsOf(metric))
			}
		}
	}
	return families
}

// exposedFamilies returns the labels of each family that the program exposes when
// an item of each kind has failed.
func exposedFamilies(t *testing.T) map[string]string {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou")
	for _, kind := range source.Kinds() {
		fleet.Set(string(kind.Action), "ap-guangzhou", cloudsim.Item{ID: "a", Status: -1, ErrorMessage: "Access denied", Fields: map[string]any{
			"WarnMessage": "slow", "TaskMax": 2, "SyncThrottleLimit": 20, "AutoExpandFlag": true,
			"Tags": []any{map[string]any{"TagKey": "team", "TagValue": "a"}},
		}})
	}
	_, conf := serveFleet(t, fleet)
	exporter := start(t, conf, "--ckafka.tags=team,owner", "--otlp.logs", "--otlp.endpoint=http://"+collectorsim.Start(t).Address)
	families := map[string]string{}
	for _, kind := range source.Kinds() {
		_, body := exporter.get(t, kind.Path)
		for name, metric := range parsed(t, body) {
			families[name] = labelsOf(metric)
		}
	}
	// Of tasks that read from a topic, as the tests of the series have them: a stall takes
	// minutes.
	for name, metric := range parsed(t, document(t, "instrument/testdata/progress.txt")) {
		families[name] = labelsOf(metric)
	}
	for name, metric := range parsed(t, exporter.await(t, "/metrics", "datahub_exporter_otlp_pushes_total{")) {
		if prefix, _, _ := strings.Cut(name, "_"); prefix != "go" && prefix != "process" && prefix != "promhttp" {
			families[name] = labelsOf(metric)
		}
	}
	return families
}

// await returns the response of a path once it contains the text.
func (e *exporter) await(t *testing.T, path, text string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, body := e.get(t, path); strings.Contains(body, text) || time.Now().After(deadline) {
			return body
		}
	}
}

// parsed returns the first series of each family in a text.
func parsed(t *testing.T, text string) map[string]*dto.Metric {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text + "\n"))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	first := map[string]*dto.Metric{}
	for name, family := range families {
		first[name] = family.GetMetric()[0]
	}
	return first
}

func labelsOf(metric *dto.Metric) string {
	names := map[string]bool{}
	for _, pair := range metric.GetLabel() {
		names[pair.GetName()] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

// sorted returns a cell's list with its names sorted.
func sorted(list string) string {
	names := strings.Split(list, ", ")
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// plain returns the text of a cell.
func plain(cell string) string {
	return strings.TrimSpace(strings.NewReplacer("`", "", "–", "").Replace(cell))
}

// document returns a file of the project.
func document(t *testing.T, path string) string {
	t.Helper()
	return read(t, filepath.Join(project, path))
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
