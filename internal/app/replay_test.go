package app

import (
	"bytes"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// oddCloud is a cloud such as a user may have: items without status, name or ID,
// more items than fit on a page, a wrong TotalCount, and a region that is refused.
// It returns the configuration file for it.
func oddCloud(t *testing.T) string {
	t.Helper()
	tasks := []cloudsim.Item{
		{ID: "task-orders", Name: "订单 orders", Status: 1, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-mysql", ErrorMessage: "运行中"},
		{ID: "task-users", Name: "users", Status: 9, Type: "SOURCE", Source: "POSTGRESQL", Target: "TOPIC", Resource: "resource-pg", ErrorMessage: "Connection to 10.12.4.17:5432 refused.\n\tat a.b.C(C.java:1)"},
		{ID: "task-new", Status: 42, Type: "SINK", Source: "TOPIC", Target: "ICEBERG", Fields: map[string]any{"TaskName": nil, "WarnMessage": nil, "TaskMax": 4}},
		{ID: "task-silent", Name: "silent", Fields: map[string]any{"Status": nil, "SourceResource": nil}},
		{Name: "no id", Status: 1},
		{Null: true},
	}
	connections := []cloudsim.Item{
		{ID: "resource-mysql", Name: "mysql-prod", Status: 1, Type: "MYSQL", Fields: map[string]any{"DatahubTaskCount": nil}},
		{ID: "resource-pg", Name: "用户库", Status: 7, Type: "POSTGRESQL", ErrorMessage: "FATAL: password authentication failed for user \"datahub\""},
	}
	var many []cloudsim.Item
	for i := range 130 {
		many = append(many, cloudsim.Item{ID: fmt.Sprintf("task-%03d", i), Name: "orders", Status: 1, Type: "SOURCE"})
	}
	fleet := cloudsim.NewInventory("na-toronto")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", tasks...)
	fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou", connections...)
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-shanghai", many...)
	sim := cloudsim.New(cloudsim.Options{SecretID: "AKIDtest", SecretKey: "key-of-test", Fleet: fleet})
	sim.Always(cloudsim.DescribeConnectResources, "ap-guangzhou", cloudsim.TotalCount(3))
	sim.Always("", "na-toronto", cloudsim.Error("UnauthorizedOperation", "user AKIDtest is not authorized"))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "exporter.conf")
	content := fmt.Sprintf("[common]\nsecret_id = AKIDtest\nsecret_key = key-of-test\nregion = ap-guangzhou, ap-shanghai, na-toronto\nendpoint = %s\n", server.URL)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return "--conf=" + path
}

// A user's odd cloud, recorded and replayed, exposes the same series: the same
// number, with the same labels and values, although no name and no message is the
// same.
func TestReplayExposesTheSameSeriesInShape(t *testing.T) {
	conf := oddCloud(t)
	folder := filepath.Join(t.TempDir(), "recording")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{conf, "--check", "--check.record=" + folder, endless}, &stdout, &stderr); code != exitFailed {
		t.Fatalf("exit code: want 1 for the region that is refused, have %d and:\n%s%s", code, &stdout, &stderr)
	}
	original, replayed := start(t, conf), start(t, "--demo.replay="+folder)
	for _, kind := range source.Kinds() {
		_, want := original.get(t, kind.Path)
		_, have := replayed.get(t, kind.Path)
		if !strings.Contains(want, `_up{region="ap-guangzhou"} 1`) || !strings.Contains(want, `_up{region="na-toronto"} 0`) {
			t.Errorf("%s: want a region that answers and one that does not, have:\n%s", kind.Path, want)
		}
		if diff := cmp.Diff(shapeOf(want), shapeOf(have)); diff != "" {
			t.Errorf("%s (-original +replayed):\n%s", kind.Path, diff)
		}
		for _, hidden := range []string{"orders", "订单", "task-", "resource-", "mysql-prod", "10.12", "refused"} {
			if strings.Contains(have, `"`+hidden) || strings.Contains(have, hidden+`"`) {
				t.Errorf("%s: %s stands in:\n%s", kind.Path, hidden, have)
			}
		}
	}
}

var (
	labelValue = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
	structural = []string{"region", "state", "Type", "TaskType", "SourceType", "TargetType"}
)

// shapeOf returns the series of an exposition without the names that people chose.
func shapeOf(text string) []string {
	var series []string
	for line := range strings.Lines(text) {
		line = labelValue.ReplaceAllStringFunc(line, func(pair string) string {
			match := labelValue.FindStringSubmatch(pair)
			if slices.Contains(structural, match[1]) || match[2] == "" {
				return pair
			}
			return match[1] + "=*"
		})
		if strings.Contains(line, "_last_success_timestamp_seconds{") {
			line = timestamp.ReplaceAllString(line, "} TIME")
		}
		series = append(series, line)
	}
	slices.Sort(series)
	return series
}

var timestamp = regexp.MustCompile(`\} [1-9]\S*`)

// The shipped recording exposes what its golden file says.
func TestShippedRecording(t *testing.T) {
	e := start(t, "--demo.replay=testdata/recording")
	var have strings.Builder
	for _, kind := range source.Kinds() {
		_, body := e.get(t, kind.Path)
		have.WriteString(timestampLine.ReplaceAllString(body, "$1 TIME"))
	}
	const golden = "testdata/recording.prom"
	if *update {
		if err := os.WriteFile(golden, []byte(have.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, golden), have.String()); diff != "" {
		t.Errorf("(-%s +have):\n%s", golden, diff)
	}
}

var timestampLine = regexp.MustCompile(`(?m)^(\w+_last_success_timestamp_seconds\{.*\}) [1-9]\S*$`)

// A folder that is not a recording is reported, and nothing is served.
func TestReplayRefusesOtherFiles(t *testing.T) {
	empty, foreign, broken := t.TempDir(), t.TempDir(), t.TempDir()
	for path, content := range map[string]string{
		filepath.Join(foreign, "notes.txt"): "", filepath.Join(foreign, ".hidden"): "",
		filepath.Join(broken, "account-1_ap-guangzhou_DescribeDatahubTasks_0.json"): "{",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for folder, want := range map[string]string{
		empty: "--check.record", foreign: "notes.txt", broken: "is not JSON", filepath.Join(empty, "none"): "no such file",
	} {
		var stderr bytes.Buffer
		code := run(t.Context(), []string{"--demo.replay=" + folder}, &stderr, &stderr)
		if have := stderr.String(); code != exitFailed || !strings.Contains(have, want) || !strings.Contains(have, folder) {
			t.Errorf("want 1 and %q, have %d and:\n%s", want, code, have)
		}
	}
}
