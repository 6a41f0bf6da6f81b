package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	otlplogs "go.opentelemetry.io/proto/otlp/logs/v1"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/source"
)

// aChange is a task that fails. Its texts are not clean.
func aChange() source.Change {
	at := time.Date(2026, 11, 25, 3, 10, 0, 0, time.UTC)
	return source.Change{
		Target: source.Target{Account: "prod", Region: "ap-guangzhou", Action: source.Tasks}, Kind: "task", ID: "task-1", Name: "orders\nsink",
		From: source.TaskKind().State(1), To: source.TaskKind().State(9), Message: "Connection to 10.0.0.1 refused\n\tat Driver.java",
		Connections: []string{"resource-1", "resource-2"}, At: at, After: at.Add(-5 * time.Minute), Since: at.Add(-time.Hour),
	}
}

// logged returns what is logged of the changes of a refresh, without times.
func logged(changes ...source.Change) []string {
	var log bytes.Buffer
	logChanges(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}})), changes)
	return strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
}

func TestChangesInTheLog(t *testing.T) {
	const item = ` kind=task id=task-1 name="orders sink" region=ap-guangzhou account=prod`
	recovers, appears, gone := aChange(), aChange(), aChange()
	recovers.From, recovers.To, recovers.Message, recovers.Connections, recovers.After = recovers.To, recovers.From, "", nil, time.Time{}
	appears.From, appears.Message, appears.Connections, appears.Since, appears.After = source.State{}, "", nil, time.Time{}, time.Time{}
	gone.To, gone.Message, gone.Connections, gone.Since = source.State{}, "", nil, time.Time{}
	have := logged(aChange(), recovers, appears, gone)
	want := []string{
		`level=WARN msg="Status has changed"` + item + ` from=running to=resume_failed reason=connection_refused message="Connection to 10.0.0.1 refused  at Driver.java" connections=resource-1,resource-2 lasted=1h0m0s between="2026-11-25T03:05:00Z and 2026-11-25T03:10:00Z"`,
		`level=INFO msg="Status has changed"` + item + ` from=resume_failed to=running lasted=1h0m0s`,
		`level=WARN msg="New item is listed"` + item + ` to=resume_failed`,
		`level=INFO msg="Item is no longer listed"` + item + ` from=running between="2026-11-25T03:05:00Z and 2026-11-25T03:10:00Z"`,
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// A refresh in which everything changes does not flood the log.
func TestManyChangesAreCounted(t *testing.T) {
	for changes, want := range map[int]int{1: 1, 20: 20, 21: 21, 2000: 21} {
		have := logged(slices.Repeat([]source.Change{aChange()}, changes)...)
		if len(have) != want {
			t.Errorf("%d changes: want %d lines, have %d", changes, want, len(have))
		}
		if last := have[len(have)-1]; changes > 20 && !strings.HasSuffix(last, fmt.Sprintf(`msg="More has changed; the status page has the newest changes" kind=task region=ap-guangzhou account=prod not_logged=%d`, changes-20)) {
			t.Errorf("%d changes: want the rest counted, have %s", changes, last)
		}
	}
}

// attributesOf returns the attributes of a record as lines.
func attributesOf(record *otlplogs.LogRecord) (lines []string) {
	for _, attribute := range record.GetAttributes() {
		value := attribute.GetValue().GetStringValue()
		if seconds := attribute.GetValue().GetDoubleValue(); seconds > 0 {
			value = fmt.Sprint(seconds)
		}
		lines = append(lines, attribute.GetKey()+"="+value)
	}
	return lines
}

// What changes is a line of the log and a log record; what the first refresh finds and an
// outage are neither.
func TestChangesAreLoggedAndPushed(t *testing.T) {
	for _, protocol := range []string{otlp.GRPC, otlp.HTTP} {
		t.Run(protocol, func(t *testing.T) {
			fleet := cloudsim.NewInventory("ap-guangzhou")
			set := func(status int64, message string) {
				fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "task-1", Name: "orders", Status: status, Source: "MYSQL", Resource: "resource-1", ErrorMessage: message})
			}
			set(1, "")
			sim, conf := serveFleet(t, fleet)
			collector := collectorsim.StartWith(t, collectorsim.Options{HTTP: protocol == otlp.HTTP})
			exporter := start(t, conf, "--ckafka.min-interval=0s", "--otlp.endpoint=http://"+collector.Address, "--otlp.protocol="+protocol, "--otlp.interval=1h", "--otlp.logs")
			scrape := func() { exporter.get(t, source.TaskKind().Path) }
			for range 3 { // the first pushes, which would refresh between the scrapes
				<-collector.Pushes
			}
			scrape()
			set(9, "Connection refused")
			scrape()
			sim.Always("", "", cloudsim.Error("UnauthorizedOperation", "no"))
			scrape()
			sim.Always("", "", nil)
			fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou")
			scrape()

			exporter.log.await(t, regexp.MustCompile(`level=WARN .* msg="Status has changed" kind=task id=task-1 name=orders region=ap-guangzhou account=common from=running to=resume_failed reason=connection_refused message="Connection refused" connections=resource-1$`))
			exporter.log.await(t, regexp.MustCompile(`level=INFO .* msg="Item is no longer listed" kind=task id=task-1 name=orders region=ap-guangzhou account=common from=resume_failed connections=resource-1 (lasted=\S+ )?between=".* and .*"$`))
			var records []*otlplogs.LogRecord
			for len(records) < 2 {
				push := <-collector.Logs
				if name := push.Logs.GetResourceLogs()[0].GetResource().GetAttributes(); len(name) == 0 {
					t.Error("want a resource")
				}
				records = append(records, push.Records()...)
			}
			failed, gone := records[0], records[1]
			want := []string{
				"The task orders (task-1) was running and is resume_failed: Connection refused", "WARN", "ckafka.connector.state_change",
				"ckafka.connector.kind=task", "ckafka.connector.id=task-1", "ckafka.connector.name=orders", "cloud.region=ap-guangzhou", "ckafka.account=common",
				"ckafka.connector.from=running", "ckafka.connector.to=resume_failed", "error.type=connection_refused", "error.message=Connection refused",
				"ckafka.connector.connections=resource-1",
			}
			have := append([]string{failed.GetBody().GetStringValue(), failed.GetSeverityText(), failed.GetEventName()}, attributesOf(failed)...)
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("the failure (-want +have):\n%s", diff)
			}
			if have, want := gone.GetBody().GetStringValue(), "The task orders (task-1) is no longer listed; it was resume_failed"; have != want || gone.GetSeverityText() != "INFO" {
				t.Errorf("the end: want INFO %s, have %s %s", want, gone.GetSeverityText(), have)
			}
		})
	}
}

// Of a refresh in which everything changes, all records are pushed.
func TestManyChangesArePushed(t *testing.T) {
	const tasks = 2000
	fleet := cloudsim.NewInventory("ap-guangzhou")
	set := func(status int64) {
		var items []cloudsim.Item
		for i := range tasks {
			items = append(items, cloudsim.Item{ID: fmt.Sprintf("task-%04d", i), Name: "orders", Status: status})
		}
		fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items...)
	}
	set(1)
	_, conf := serveFleet(t, fleet)
	collector := collectorsim.Start(t)
	exporter := start(t, conf, "--ckafka.min-interval=0s", "--ckafka.qps=1000", "--otlp.endpoint=http://"+collector.Address, "--otlp.interval=1h", "--otlp.logs")
	for range 3 { // the first pushes, which would refresh between the scrapes
		<-collector.Pushes
	}
	exporter.get(t, source.TaskKind().Path)
	set(9)
	exporter.get(t, source.TaskKind().Path)
	ids := map[string]bool{}
	for len(ids) < tasks {
		for _, record := range (<-collector.Logs).Records() {
			ids[record.GetBody().GetStringValue()] = true
		}
	}
	exporter.log.await(t, regexp.MustCompile(`msg="More has changed.* not_logged=1980$`))
	if _, metrics := exporter.get(t, "/metrics"); !strings.Contains(metrics, "\ndatahub_exporter_otlp_dropped_log_records_total 0\n") {
		t.Error("want nothing dropped on /metrics")
	}
}
