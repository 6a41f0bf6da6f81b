package instrument

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// write answers a request with what was collected, and empties it. One family is made at a time:
// those of 20,000 items are tens of megabytes in the form in which they are
// encoded.
func write(w http.ResponseWriter, r *http.Request, collected *metricdata.ResourceMetrics) (err error) {
	format := negotiated(r.Header)
	w.Header()["Vary"] = []string{"Accept", "Accept-Encoding"}
	w.Header().Set("Content-Type", string(format))
	var out io.Writer = w
	if encodingOf(r.Header) == "gzip" {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer func() { err = errors.Join(err, zip.Close()) }()
		out = zip
	}
	encoder := expfmt.NewEncoder(out, format)
	var memory memory
	asked := r.URL.Query()["name[]"]
	metrics := inOrder(collected)
	*collected = metricdata.ResourceMetrics{}
	for i, metric := range metrics {
		metrics[i] = metricdata.Metrics{} // so that its memory can be used for the next ones
		if len(asked) > 0 && !slices.Contains(asked, metric.Name) {
			continue
		}
		if err := encoder.Encode(memory.family(metric)); err != nil {
			return fmt.Errorf("encode %s: %w", metric.Name, err)
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		return closer.Close()
	}
	return nil
}

// inOrder returns the metrics by their names, as a registry of Prometheus' does.
func inOrder(collected *metricdata.ResourceMetrics) []metricdata.Metrics {
	var metrics []metricdata.Metrics
	for _, scope := range collected.ScopeMetrics {
		metrics = append(metrics, scope.Metrics...)
	}
	slices.SortFunc(metrics, func(a, b metricdata.Metrics) int { return strings.Compare(a.Name, b.Name) })
	return metrics
}

// memory holds one family at a time in the form that is encoded. What is of the
// same type stands in one piece, for there may be a hundred thousand of each.
type memory struct {
	series   []*dto.Metric
	metrics  []dto.Metric
	gauges   []dto.Gauge
	pointers []*dto.LabelPair
	pairs    []dto.LabelPair
	values   []string
}

// family returns a gauge with its series in the order of a registry, in the memory
// of the family before. The names of instruments and of attributes are valid in
// Prometheus as they are.
func (m *memory) family(metric metricdata.Metrics) *dto.MetricFamily {
	gauge, _ := metric.Data.(metricdata.Gauge[float64]) // there are no others
	var labels int
	for i := range gauge.DataPoints {
		labels += gauge.DataPoints[i].Attributes.Len()
	}
	m.provide(len(gauge.DataPoints), labels)
	names := map[attribute.Key]*string{}
	for i, from := 0, 0; i < len(gauge.DataPoints); i++ {
		point := &gauge.DataPoints[i]
		to := from + point.Attributes.Len()
		m.label(from, &point.Attributes, names)
		m.gauges[i].Value = &point.Value
		m.metrics[i].Gauge, m.metrics[i].Label = &m.gauges[i], m.pointers[from:to:to]
		m.series[i] = &m.metrics[i]
		from = to
	}
	slices.SortFunc(m.series, byLabels)
	return &dto.MetricFamily{Name: &metric.Name, Help: &metric.Description, Type: dto.MetricType_GAUGE.Enum(), Metric: m.series}
}

// provide makes room for so many series with so many labels altogether.
func (m *memory) provide(series, labels int) {
	if cap(m.series) < series {
		m.series, m.metrics, m.gauges = make([]*dto.Metric, series), make([]dto.Metric, series), make([]dto.Gauge, series)
	}
	if cap(m.pairs) < labels {
		m.pointers, m.pairs, m.values = make([]*dto.LabelPair, labels), make([]dto.LabelPair, labels), make([]string, labels)
	}
	m.series = m.series[:series]
}

// label puts the pairs of a set, which are in the order of their names, from an
// index on.
func (m *memory) label(from int, labels *attribute.Set, names map[attribute.Key]*string) {
	for i := range labels.Len() {
		label, _ := labels.Get(i)
		name, known := names[label.Key]
		if !known {
			text := string(label.Key)
			name = &text
			names[label.Key] = name
		}
		at := from + i
		m.values[at] = label.Value.AsString()
		m.pairs[at].Name, m.pairs[at].Value = name, &m.values[at]
		m.pointers[at] = &m.pairs[at]
	}
}

func byLabels(a, b *dto.Metric) int {
	return slices.CompareFunc(a.Label, b.Label, func(one, other *dto.LabelPair) int {
		return strings.Compare(one.GetValue(), other.GetValue())
	})
}
