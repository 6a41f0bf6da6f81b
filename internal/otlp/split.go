package otlp

import (
	"context"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// maxMessage is the most bytes of one message, unless a single data point has more.
// It is half of what gRPC servers, and so collectors, accept by default (4 MiB,
// uncompressed), so that a collector that adds attributes and forwards a message
// stays below that, too.
const maxMessage = 2 << 20

// sendInParts is a grpc.UnaryClientInterceptor that sends a push of more than
// maxMessage bytes as several messages. All are sent, even after one fails; the
// first error is the push's error.
func sendInParts(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	whole, isPush := request.(*collector.ExportMetricsServiceRequest)
	answer, isAnswer := reply.(*collector.ExportMetricsServiceResponse)
	if !isPush || !isAnswer {
		return invoke(ctx, method, request, reply, connection, options...)
	}
	var first error
	for _, part := range split(whole, maxMessage) {
		answerToPart := &collector.ExportMetricsServiceResponse{}
		if err := invoke(ctx, method, part, answerToPart, connection, options...); err != nil && first == nil {
			first = err
		}
		addRejected(answer, answerToPart.GetPartialSuccess())
	}
	return first
}

// addRejected adds what was rejected of a part to the response for the whole.
func addRejected(answer *collector.ExportMetricsServiceResponse, part *collector.ExportMetricsPartialSuccess) {
	switch {
	case part == nil:
	case answer.PartialSuccess == nil:
		answer.PartialSuccess = part
	default:
		answer.PartialSuccess.RejectedDataPoints += part.GetRejectedDataPoints()
	}
}

// split halves a push by its data points until no part has more than most bytes.
func split(push *collector.ExportMetricsServiceRequest, most int) []*collector.ExportMetricsServiceRequest {
	points := pointsIn(push)
	if points < 2 || proto.Size(push) <= most {
		return []*collector.ExportMetricsServiceRequest{push}
	}
	return append(split(cut(push, 0, points/2), most), split(cut(push, points/2, points), most)...)
}

func pointsIn(push *collector.ExportMetricsServiceRequest) int {
	points := 0
	for _, resource := range push.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				points += pointsOf(metric)
			}
		}
	}
	return points
}

// cut returns the data points of a push in [from, to), with the resource, the scope
// and the metric of each. It shares them with the push.
func cut(push *collector.ExportMetricsServiceRequest, from, to int) *collector.ExportMetricsServiceRequest {
	part := &collector.ExportMetricsServiceRequest{}
	for _, resource := range push.GetResourceMetrics() {
		ofResource := &metrics.ResourceMetrics{Resource: resource.GetResource(), SchemaUrl: resource.GetSchemaUrl()}
		for _, scope := range resource.GetScopeMetrics() {
			ofScope := &metrics.ScopeMetrics{Scope: scope.GetScope(), SchemaUrl: scope.GetSchemaUrl()}
			for _, metric := range scope.GetMetrics() {
				points := pointsOf(metric)
				if begin, end := max(from, 0), min(to, points); begin < end {
					ofScope.Metrics = append(ofScope.Metrics, cutMetric(metric, begin, end))
				}
				from, to = from-points, to-points
			}
			if len(ofScope.GetMetrics()) > 0 {
				ofResource.ScopeMetrics = append(ofResource.ScopeMetrics, ofScope)
			}
		}
		if len(ofResource.GetScopeMetrics()) > 0 {
			part.ResourceMetrics = append(part.ResourceMetrics, ofResource)
		}
	}
	return part
}

// pointsOf returns how many data points a metric has, whatever its type.
func pointsOf(metric *metrics.Metric) int {
	return len(metric.GetGauge().GetDataPoints()) + len(metric.GetSum().GetDataPoints()) + len(metric.GetHistogram().GetDataPoints()) +
		len(metric.GetExponentialHistogram().GetDataPoints()) + len(metric.GetSummary().GetDataPoints())
}

// cutMetric returns a metric with some of its data points.
func cutMetric(metric *metrics.Metric, begin, end int) *metrics.Metric {
	part := &metrics.Metric{Name: metric.GetName(), Description: metric.GetDescription(), Unit: metric.GetUnit(), Metadata: metric.GetMetadata()}
	switch data := metric.GetData().(type) {
	case *metrics.Metric_Gauge:
		part.Data = &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: data.Gauge.GetDataPoints()[begin:end]}}
	case *metrics.Metric_Sum:
		part.Data = &metrics.Metric_Sum{Sum: &metrics.Sum{
			DataPoints: data.Sum.GetDataPoints()[begin:end], IsMonotonic: data.Sum.GetIsMonotonic(),
			AggregationTemporality: data.Sum.GetAggregationTemporality(),
		}}
	case *metrics.Metric_Histogram:
		part.Data = &metrics.Metric_Histogram{Histogram: &metrics.Histogram{
			DataPoints: data.Histogram.GetDataPoints()[begin:end], AggregationTemporality: data.Histogram.GetAggregationTemporality(),
		}}
	case *metrics.Metric_ExponentialHistogram:
		part.Data = &metrics.Metric_ExponentialHistogram{ExponentialHistogram: &metrics.ExponentialHistogram{
			DataPoints:             data.ExponentialHistogram.GetDataPoints()[begin:end],
			AggregationTemporality: data.ExponentialHistogram.GetAggregationTemporality(),
		}}
	case *metrics.Metric_Summary:
		part.Data = &metrics.Metric_Summary{Summary: &metrics.Summary{DataPoints: data.Summary.GetDataPoints()[begin:end]}}
	}
	return part
}
