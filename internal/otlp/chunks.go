package otlp

import (
	"context"
	"regexp"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// maxPoints is how many data points a request has at most. The longest of ours, with
// a message, have about 1 KiB before compression, so a request stays below what
// receivers accept by default: 1 MiB behind nginx, 4 MiB over gRPC.
const maxPoints = 1000

// chunkingExporter sends a large push as several requests. It divides gauges of
// floats: only these have a data point for each item.
type chunkingExporter struct{ sdkmetric.Exporter }

// Export sends all chunks, even after one fails, and returns the first error, or else
// the first warning.
func (e chunkingExporter) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	var first error
	for _, chunk := range chunks(metrics) {
		if err := e.Exporter.Export(ctx, chunk); first == nil || isWarning(first) && err != nil {
			first = err
		}
	}
	return first
}

// warning matches the error of a push that is a partial success without anything
// rejected, which the protocol calls a warning. The SDK has no exported type for it.
var warning = regexp.MustCompile(`(?s)OTLP partial success: .* \(0 (metric data points|logs) rejected\)$`)

// isWarning reports whether the error of a push is a warning.
func isWarning(err error) bool { return err != nil && warning.MatchString(err.Error()) }

// chunks divides metrics by their data points.
func chunks(metrics *metricdata.ResourceMetrics) []*metricdata.ResourceMetrics {
	chunk := &metricdata.ResourceMetrics{Resource: metrics.Resource}
	all, room := []*metricdata.ResourceMetrics{chunk}, maxPoints
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			gauge, ok := m.Data.(metricdata.Gauge[float64])
			for ok && len(gauge.DataPoints) > room {
				if room > 0 {
					m.Data = metricdata.Gauge[float64]{DataPoints: gauge.DataPoints[:room]}
					add(chunk, scope.Scope, m)
				}
				gauge.DataPoints = gauge.DataPoints[room:]
				m.Data = gauge
				chunk = &metricdata.ResourceMetrics{Resource: metrics.Resource}
				all, room = append(all, chunk), maxPoints
			}
			room -= len(gauge.DataPoints)
			add(chunk, scope.Scope, m)
		}
	}
	return all
}

// add adds a metric to the chunk.
func add(chunk *metricdata.ResourceMetrics, scope instrumentation.Scope, m metricdata.Metrics) {
	last := len(chunk.ScopeMetrics) - 1
	if last < 0 || chunk.ScopeMetrics[last].Scope != scope {
		chunk.ScopeMetrics = append(chunk.ScopeMetrics, metricdata.ScopeMetrics{Scope: scope})
		last++
	}
	chunk.ScopeMetrics[last].Metrics = append(chunk.ScopeMetrics[last].Metrics, m)
}
