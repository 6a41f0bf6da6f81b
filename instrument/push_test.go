package instrument_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/resource"
	otlpcommon "go.opentelemetry.io/proto/otlp/common/v1"
	otlpmetrics "go.opentelemetry.io/proto/otlp/metrics/v1"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/source"
)

// pushTo returns a push to a collector, which happens only at shutdown.
func pushTo(t *testing.T, c *collectorsim.Collector) *otlp.Push {
	t.Helper()
	settings, err := otlp.Resolve(otlp.Flags{Endpoint: "http://" + c.Address, Interval: time.Hour}, nil, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	made, err := otlp.New(t.Context(), settings, resource.Empty(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestPushHasTheSameSeries(t *testing.T) {
	of := func(region string, snapshot source.Snapshot) snapshotFunc {
		snapshot.Target = source.Target{Region: region, Action: source.Tasks}
		return func(context.Context) *source.Snapshot { return &snapshot }
	}
	listing := &source.Listing{Items: []source.Item{{ID: "a", Name: "订单 \"x\"\n", Status: 9, Details: &source.Details{
		Type: "SINK", Message: "Code: 60. DB::Exception: Table dwd.orders doesn't exist. (UNKNOWN_TABLE)",
		Source: source.End{Type: "KAFKA", Resource: "ckafka-8w3kq5zr", Topic: "orders"}, Target: source.End{Type: "CLICKHOUSE", Resource: "resource-z8c4v6ln"},
		Warning: "slow", MaxTasks: source.Number{Value: 4, Known: true}, AutoExpand: source.Number{Known: true},
	}}}, Reported: 1}
	collector := collectorsim.Start(t)
	exposition, err := instrument.NewExposition(source.Kinds()[tasks], funcSources{
		of("ap-guangzhou", source.Snapshot{LastSuccess: time.Unix(1_700_000_000, 0), Listing: listing}),
		of("ap-shanghai", source.Snapshot{Failures: 11}),
	}, instrument.Options{Push: pushTo(t, collector).Provider, ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := exposition.Shutdown(t.Context()); err != nil { // this pushes
		t.Fatal(err)
	}
	var series []string
	for _, metric := range (<-collector.Pushes).Metrics() {
		if metric.GetUnit() != "" {
			t.Errorf("%s has the unit %q, which would become a suffix", metric.GetName(), metric.GetUnit())
		}
		for _, point := range metric.GetGauge().GetDataPoints() {
			series = append(series, line(metric.GetName(), point))
		}
	}
	slices.Sort(series)
	want := []string{
		`datahub_task_auto_expand{TaskId="a",TaskName="订单 \"x\"\n",region="ap-guangzhou"} 0`,
		`datahub_task_error_count{region="ap-guangzhou"} 0`,
		`datahub_task_error_count{region="ap-shanghai"} 11`,
		`datahub_task_error_info{ErrorMessage="Code: 60. DB::Exception: Table dwd.orders doesn't exist. (UNKNOWN_TABLE)",TaskId="a",TaskName="订单 \"x\"\n",reason="object_missing",region="ap-guangzhou"} 1`,
		`datahub_task_info{DatahubId="",SourceResource="ckafka-8w3kq5zr/orders",SourceType="KAFKA",TargetResource="resource-z8c4v6ln",TargetType="CLICKHOUSE",TaskId="a",TaskName="订单 \"x\"\n",TaskType="SINK",region="ap-guangzhou"} 1`,
		`datahub_task_items_reported{region="ap-guangzhou"} 1`,
		`datahub_task_items{region="ap-guangzhou"} 1`,
		`datahub_task_last_success_timestamp_seconds{region="ap-guangzhou"} 1.7e+09`,
		`datahub_task_last_success_timestamp_seconds{region="ap-shanghai"} 0`,
		`datahub_task_max_tasks{TaskId="a",TaskName="订单 \"x\"\n",region="ap-guangzhou"} 4`,
		`datahub_task_state{TaskId="a",TaskName="订单 \"x\"\n",region="ap-guangzhou",state="resume_failed"} 1`,
		`datahub_task_status{TaskId="a",TaskName="订单 \"x\"\n",region="ap-guangzhou"} 9`,
		`datahub_task_up{region="ap-guangzhou"} 1`,
		`datahub_task_up{region="ap-shanghai"} 0`,
		`datahub_task_warning_info{TaskId="a",TaskName="订单 \"x\"\n",WarnMessage="slow",reason="other",region="ap-guangzhou"} 1`,
	}
	if diff := cmp.Diff(want, series); diff != "" {
		t.Errorf("series (-want +have):\n%s", diff)
	}
}

func line(name string, point *otlpmetrics.NumberDataPoint) string {
	var value any = point.GetAsDouble()
	if _, ok := point.GetValue().(*otlpmetrics.NumberDataPoint_AsInt); ok {
		value = point.GetAsInt()
	}
	return fmt.Sprintf("%s{%s} %v", name, labels(point.GetAttributes()), value)
}

func labels(attributes []*otlpcommon.KeyValue) string {
	var pairs []string
	for _, attribute := range attributes {
		pairs = append(pairs, fmt.Sprintf("%s=%q", attribute.GetKey(), attribute.GetValue().GetStringValue()))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}
