package otlp

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resources "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

const cumulative = metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE

// attributes returns attributes that make a data point unique.
func attributes(i int) []*common.KeyValue {
	value := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: fmt.Sprint("point-", i)}}
	return []*common.KeyValue{{Key: "id", Value: value}}
}

// pushOfEveryType returns a push with n data points of each type, in two scopes.
func pushOfEveryType(n int) *collector.ExportMetricsServiceRequest {
	gauge, sum := &metrics.Gauge{}, &metrics.Sum{AggregationTemporality: cumulative, IsMonotonic: true}
	histogram, summary := &metrics.Histogram{AggregationTemporality: cumulative}, &metrics.Summary{}
	exponential := &metrics.ExponentialHistogram{AggregationTemporality: cumulative}
	for i := range n {
		gauge.DataPoints = append(gauge.DataPoints, &metrics.NumberDataPoint{Attributes: attributes(i)})
		sum.DataPoints = append(sum.DataPoints, &metrics.NumberDataPoint{Attributes: attributes(i)})
		histogram.DataPoints = append(histogram.DataPoints, &metrics.HistogramDataPoint{Attributes: attributes(i)})
		exponential.DataPoints = append(exponential.DataPoints, &metrics.ExponentialHistogramDataPoint{Attributes: attributes(i)})
		summary.DataPoints = append(summary.DataPoints, &metrics.SummaryDataPoint{Attributes: attributes(i)})
	}
	named := func(name string) *metrics.Metric {
		return &metrics.Metric{Name: name, Description: name + " for people", Unit: "s", Metadata: attributes(0)}
	}
	all := []*metrics.Metric{named("gauge"), named("sum"), named("histogram"), named("exponential"), named("summary")}
	all[0].Data, all[1].Data = &metrics.Metric_Gauge{Gauge: gauge}, &metrics.Metric_Sum{Sum: sum}
	all[2].Data = &metrics.Metric_Histogram{Histogram: histogram}
	all[3].Data = &metrics.Metric_ExponentialHistogram{ExponentialHistogram: exponential}
	all[4].Data = &metrics.Metric_Summary{Summary: summary}
	scopes := []*metrics.ScopeMetrics{
		{Scope: &common.InstrumentationScope{Name: "one"}, SchemaUrl: "s1", Metrics: all[:3]},
		{Scope: &common.InstrumentationScope{Name: "two"}, SchemaUrl: "s2", Metrics: all[3:]},
	}
	resource := &resources.Resource{Attributes: attributes(0)}
	return &collector.ExportMetricsServiceRequest{ResourceMetrics: []*metrics.ResourceMetrics{{Resource: resource, SchemaUrl: "r", ScopeMetrics: scopes}}}
}

// merged returns the parts as one push, with the data points of each metric
// together.
func merged(parts []*collector.ExportMetricsServiceRequest) *collector.ExportMetricsServiceRequest {
	whole := &collector.ExportMetricsServiceRequest{}
	scopes, known := map[string]*metrics.ScopeMetrics{}, map[string]*metrics.Metric{}
	for _, part := range parts {
		resource := proto.CloneOf(part.GetResourceMetrics()[0])
		if whole.ResourceMetrics == nil {
			whole.ResourceMetrics = []*metrics.ResourceMetrics{{Resource: resource.GetResource(), SchemaUrl: resource.GetSchemaUrl()}}
		}
		for _, scope := range resource.GetScopeMetrics() {
			name := scope.GetScope().GetName()
			if scopes[name] == nil {
				scopes[name] = &metrics.ScopeMetrics{Scope: scope.GetScope(), SchemaUrl: scope.GetSchemaUrl()}
				whole.ResourceMetrics[0].ScopeMetrics = append(whole.ResourceMetrics[0].ScopeMetrics, scopes[name])
			}
			for _, metric := range scope.GetMetrics() {
				if known[metric.GetName()] == nil {
					known[metric.GetName()] = metric
					scopes[name].Metrics = append(scopes[name].Metrics, metric)
					continue
				}
				addPoints(known[metric.GetName()], metric)
			}
		}
	}
	return whole
}

func addPoints(to, from *metrics.Metric) {
	switch data := to.GetData().(type) {
	case *metrics.Metric_Gauge:
		data.Gauge.DataPoints = append(data.Gauge.DataPoints, from.GetGauge().GetDataPoints()...)
	case *metrics.Metric_Sum:
		data.Sum.DataPoints = append(data.Sum.DataPoints, from.GetSum().GetDataPoints()...)
	case *metrics.Metric_Histogram:
		data.Histogram.DataPoints = append(data.Histogram.DataPoints, from.GetHistogram().GetDataPoints()...)
	case *metrics.Metric_ExponentialHistogram:
		data.ExponentialHistogram.DataPoints = append(data.ExponentialHistogram.DataPoints, from.GetExponentialHistogram().GetDataPoints()...)
	case *metrics.Metric_Summary:
		data.Summary.DataPoints = append(data.Summary.DataPoints, from.GetSummary().GetDataPoints()...)
	}
}

func TestSplit(t *testing.T) {
	for _, most := range []int{1, 300, 1000, 10_000, 1 << 30} {
		push := pushOfEveryType(17)
		parts := split(push, most)
		for _, part := range parts {
			if size, points := proto.Size(part), pointsIn(part); size > most && points > 1 || points == 0 {
				t.Errorf("most %d: have a part of %d bytes and %d data points", most, size, points)
			}
		}
		if whole := merged(parts); !proto.Equal(pushOfEveryType(17), whole) {
			t.Errorf("most %d: the parts together (-want +have):\n%s", most, cmp.Diff(pushOfEveryType(17), whole, protocmp.Transform()))
		}
		if want, have := proto.Size(push) <= most, len(parts) == 1; want != have {
			t.Errorf("most %d: want one part: %v, have %d parts", most, want, len(parts))
		}
	}
	if parts := split(&collector.ExportMetricsServiceRequest{}, 1); len(parts) != 1 {
		t.Errorf("nothing: want one part, have %d", len(parts))
	}
}
