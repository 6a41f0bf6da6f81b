package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A night in which a task fails, recovers while the API and the collector are away, and is
// deleted gives exactly these changes in the log, in the JSON and as log records on a real
// collector, each once.
func TestNightInChanges(t *testing.T) {
	t.Parallel()
	records := filepath.Join(t.TempDir(), "logs.json")
	collector := startCollector(t, []string{"OTLP_LOGS_EXPORTERS=[file]", "LOGS_FILE=" + records}, sidecarConfig, "test/e2e/testdata/logs-file.yaml")
	cloud := startCloud(t, fleetOf(2)...)
	exporter := startExporterWith(t, []string{"OTEL_EXPORTER_OTLP_TIMEOUT=" + pushTimeout}, cloud, lively, collector.endpoint(), often, "--otlp.logs")
	shows := func(series string, want float64, known bool) {
		t.Helper()
		eventually(t, func() error {
			shown, err := scrape(t.Context(), exporter.address, tasksPath)
			if err != nil {
				return err
			}
			name, labels, _ := strings.Cut(series, "{")
			if have, is := shown[name].Series["{"+labels]; is != known || have != want {
				return fmt.Errorf("%s: want %v (%v), have %v (%v)", series, want, known, have, is)
			}
			return nil
		})
	}
	status := fmt.Sprintf(`datahub_task_status{TaskId="task-0000", TaskName="orders-0000", region=%q}`, region)
	up := fmt.Sprintf("datahub_task_up{region=%q}", region)
	const (
		failed    = "running>resume_failed Connection refused"
		recovered = "resume_failed>running"
		gone      = "running>"
	)
	received := func(want ...string) {
		t.Helper()
		eventually(t, func() error {
			if diff := cmp.Diff(want, recordsIn(t, records)); diff != "" {
				return fmt.Errorf("log records (-want +have):\n%s", diff)
			}
			return nil
		})
	}
	shows(status, 1, true)
	broken := task(0)
	broken.Status, broken.ErrorMessage = 9, "Connection refused"
	cloud.setTasks(broken, task(1))
	shows(status, 9, true)
	received(failed)

	cloud.refuse()
	shows(up, 0, true)
	collector.kill()
	cloud.setTasks(task(0), task(1))
	cloud.Always("", "", nil)
	shows(status, 1, true)
	eventually(t, func() error { // so that it is not the first try that succeeds
		shown, err := scrape(t.Context(), exporter.address, "/metrics")
		if err == nil && shown["datahub_exporter_otlp_pushes_total"].Series[`{pushed="changes", result="failure"}`] == 0 {
			err = errNotYet
		}
		return err
	})
	collector.run(t)
	received(failed, recovered)

	cloud.setTasks(task(1))
	shows(status, 0, false)
	received(failed, recovered, gone)

	if diff := cmp.Diff([]string{gone, recovered, failed}, changesIn(t, exporter)); diff != "" {
		t.Errorf("changes in the JSON (-want +have):\n%s", diff)
	}
	var lines []string
	for _, line := range exporter.output.all() {
		if match := regexp.MustCompile(`msg="(Status has changed|New item is listed|Item is no longer listed)"`).FindStringSubmatch(line); match != nil {
			lines = append(lines, match[1])
		}
	}
	if diff := cmp.Diff([]string{"Status has changed", "Status has changed", "Item is no longer listed"}, lines); diff != "" {
		t.Errorf("changes in the log (-want +have):\n%s", diff)
	}
	exporter.await(t, `level=INFO .*msg="Status has changed" .*from=resume_failed to=running .*between="\S+ and \S+"`)
}

// recordsIn returns the log records that a collector has written to a file.
func recordsIn(t testing.TB, path string) (changes []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(content) {
		var pushed struct {
			ResourceLogs []struct {
				ScopeLogs []struct {
					LogRecords []struct {
						EventName  string
						Attributes []struct {
							Key   string
							Value struct{ StringValue string }
						}
					}
				}
			}
		}
		if err := json.Unmarshal(line, &pushed); err != nil {
			return append(changes, err.Error()) // it is being written
		}
		for _, resource := range pushed.ResourceLogs {
			for _, scope := range resource.ScopeLogs {
				for _, record := range scope.LogRecords {
					said := map[string]string{}
					for _, attribute := range record.Attributes {
						said[attribute.Key] = attribute.Value.StringValue
					}
					if record.EventName != "ckafka.connector.state_change" || said["ckafka.connector.id"] != "task-0000" {
						t.Errorf("want an event of task-0000, have %+v", record)
					}
					changes = append(changes, strings.TrimSpace(said["ckafka.connector.from"]+">"+said["ckafka.connector.to"]+" "+said["error.message"]))
				}
			}
		}
	}
	return changes
}

// changesIn returns the changes in the exporter's JSON.
func changesIn(t testing.TB, e *exporter) (changes []string) {
	t.Helper()
	body, err := fetch(t.Context(), "http://"+e.address+"/api/v1/ckafka/status")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Changes []struct{ From, To, Message string }
	}
	if err := json.Unmarshal(body, &document); err != nil {
		t.Fatal(err)
	}
	for _, change := range document.Changes {
		changes = append(changes, strings.TrimSpace(change.From+">"+change.To+" "+change.Message))
	}
	return changes
}
