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
	asked := r.URL.Query()["name[]"]
	metrics := inOrder(collected)
	*collected = metricdata.ResourceMetrics{}
	for i, metric := range metrics {
		metrics[i] = metricdata.Metrics{} // so that its memory can be used for the next ones
		if len(asked) > 0 && !slices.Contains(asked, metric.Name) {
			continue
		}
		if err := encoder.Encode(family(metric)); err != nil {
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

// family returns a gauge in the form that is encoded, its series in the order of a
// registry. The names of instruments and of attributes are valid in Prometheus as
// they are.
func family(metric metricdata.Metrics) *dto.MetricFamily {
	gauge, _ := metric.Data.(metricdata.Gauge[float64]) // there are no others
	var labels int
	for i := range gauge.DataPoints {
		labels += gauge.DataPoints[i].Attributes.Len()
	}
	// What is of the same type stands in one piece of memory, for there may be a
	// hundred thousand of each.
	metrics, gauges := make([]dto.Metric, len(gauge.DataPoints)), make([]dto.Gauge, len(gauge.DataPoints))
	pairs := labelPairs{made: make([]dto.LabelPair, labels), values: make([]string, labels), pointers: make([]*dto.LabelPair, labels), names: map[attribute.Key]*string{}}
	made := &dto.MetricFamily{Name: &metric.Name, Help: &metric.Description, Type: dto.MetricType_GAUGE.Enum(), Metric: make([]*dto.Metric, len(gauge.DataPoints))}
	for i := range gauge.DataPoints {
		point := &gauge.DataPoints[i]
		gauges[i].Value = &point.Value
		metrics[i].Gauge, metrics[i].Label = &gauges[i], pairs.of(&point.Attributes)
		made.Metric[i] = &metrics[i]
	}
	slices.SortFunc(made.Metric, byLabels)
	return made
}

// labelPairs is memory for the labels of a family.
type labelPairs struct {
	made     []dto.LabelPair
	values   []string
	pointers []*dto.LabelPair
	names    map[attribute.Key]*string
}

// of returns the pairs of a set, which are in the order of their names.
func (p *labelPairs) of(labels *attribute.Set) []*dto.LabelPair {
	count := labels.Len()
	for i := range count {
		label, _ := labels.Get(i)
		name, known := p.names[label.Key]
		if !known {
			text := string(label.Key)
			name = &text
			p.names[label.Key] = name
		}
		p.values[i] = label.Value.AsString()
		p.made[i].Name, p.made[i].Value = name, &p.values[i]
		p.pointers[i] = &p.made[i]
	}
	pairs := p.pointers[:count:count]
	p.made, p.values, p.pointers = p.made[count:], p.values[count:], p.pointers[count:]
	return pairs
}

func byLabels(a, b *dto.Metric) int {
	return slices.CompareFunc(a.Label, b.Label, func(one, other *dto.LabelPair) int {
		return strings.Compare(one.GetValue(), other.GetValue())
	})
}
