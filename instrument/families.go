package instrument

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/source"
)

// longestRun is how many series of a family are collected and encoded at once.
// Meanwhile a series takes twenty times the memory of its line, so with short runs
// the garbage collector finds less alive: with 100 series the first exposition of
// 2,000 tasks takes a tenth less time than with 500, and with 50 no less again.
const longestRun = 100

// A family is one gauge behind a Prometheus exporter of its own, which makes its
// text run by run. A run is reused if its series have the same labels and values as
// in the snapshots before: from one refresh to the next almost nothing changes. A
// family is used by one goroutine at a time.
type family struct {
	name     string
	gauge    gauge
	provider *sdkmetric.MeterProvider
	exporter catcher

	collected []series // what the exporter collects

	// The runs of the newest snapshots, and of the ones before. A format that
	// nobody asks for any more is kept no longer than that.
	generation  int
	runs, known map[expfmt.Format][]run
}

// series is one series with its value.
type series struct {
	value  float64
	labels metric.MeasurementOption
}

// run is a part of a family's series and their text.
type run struct {
	of   []series
	text []byte
}

// A catcher keeps the collector that an exporter would register.
type catcher struct {
	prometheus.Registerer
	prometheus.Collector
}

// Register implements prometheus.Registerer.
func (c *catcher) Register(exporter prometheus.Collector) error {
	c.Collector = exporter
	return nil
}

func newFamily(kind source.Kind, gauge gauge) *family {
	return &family{name: kind.Prefix + gauge.name, gauge: gauge}
}

// open creates the exporter unless there is one.
func (f *family) open() error {
	if f.provider != nil {
		return nil
	}
	// All names and labels are valid in Prometheus already. Translating them would
	// cost the exporter a map and a slice for each label of each series.
	reader, err := newReader(&f.exporter)
	if err != nil {
		return err
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(unlimited))
	meter := provider.Meter(scopeName)
	created, err := meter.Float64ObservableGauge(f.name, metric.WithDescription(f.gauge.description))
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		for _, series := range f.collected {
			observer.ObserveFloat64(created, series.value, series.labels)
		}
		return nil
	}, created)
	if err != nil {
		return err
	}
	f.provider = provider
	return nil
}

// expose returns the family's series of the snapshots in a format, in parts that
// must not be changed. The generation goes up when the snapshots change.
func (f *family) expose(
	format expfmt.Format, generation int, snapshots []*source.Snapshot, labels []*labels,
) ([][]byte, error) {
	if f.generation != generation {
		f.generation, f.known, f.runs = generation, f.runs, map[expfmt.Format][]run{}
	}
	runs, made := f.runs[format]
	if !made {
		var err error
		if runs, err = f.make(format, snapshots, labels); err != nil {
			return nil, err
		}
		f.runs[format] = runs
	}
	parts := make([][]byte, len(runs))
	for i, run := range runs {
		parts[i] = run.text
	}
	return parts, nil
}

// workspace has room for one run while it is made.
type workspace struct {
	series []series
	text   bytes.Buffer
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// make returns the family's series of the snapshots in runs, and reuses those of
// the snapshots before that are the same.
func (f *family) make(
	format expfmt.Format, snapshots []*source.Snapshot, labels []*labels,
) (runs []run, err error) {
	work := workspaces.Get().(*workspace)
	defer func() {
		clear(work.series[:cap(work.series)]) // keep no labels alive
		workspaces.Put(work)
	}()
	known, most := f.known[format], length(format)
	finish := func() {
		of, n := work.series, len(runs)
		work.series = of[:0]
		switch {
		case len(of) == 0 || err != nil:
		case n < len(known) && slices.Equal(known[n].of, of):
			runs = append(runs, known[n])
		default:
			var text []byte
			text, err = f.encode(&work.text, format, of, n == 0)
			runs = append(runs, run{slices.Clone(of), text})
		}
	}
	for i, snapshot := range snapshots {
		f.gauge.observe(snapshot, labels[i], func(value float64, labels metric.MeasurementOption) {
			work.series = append(work.series, series{value, labels})
			if len(work.series) == most {
				finish()
			}
		})
	}
	finish()
	return runs, err
}

// length is how many series a run has. In a binary format a family is one message.
func length(format expfmt.Format) int {
	switch format.FormatType() { //nolint:exhaustive // the default is every other
	case expfmt.TypeTextPlain, expfmt.TypeOpenMetrics:
		return longestRun
	default:
		return math.MaxInt
	}
}

// encode returns the text of series as the exporter collects them. It encodes into
// buffer. Only the first run has the lines that stand above a family's series.
func (f *family) encode(buffer *bytes.Buffer, format expfmt.Format, of []series, first bool) ([]byte, error) {
	if err := f.open(); err != nil {
		return nil, err
	}
	metrics, err := f.collect(of)
	if err != nil {
		return nil, fmt.Errorf("collect %s: %w", f.name, err)
	}
	buffer.Reset()
	family := &dto.MetricFamily{Name: &f.name, Help: &f.gauge.description, Type: dto.MetricType_GAUGE.Enum(), Metric: metrics}
	if err := expfmt.NewEncoder(buffer, format).Encode(family); err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.name, err)
	}
	text := buffer.Bytes()
	for !first && bytes.HasPrefix(text, []byte("# ")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return bytes.Clone(text), nil
}

// collect returns what the exporter makes of series, ordered as by a registry. It
// does without one, which would look for duplicates and invalid labels: the SDK has
// one data point for each set of labels, and the exporter checks those.
func (f *family) collect(of []series) ([]*dto.Metric, error) {
	f.collected = of
	defer func() { f.collected = nil }()
	made := make(chan prometheus.Metric, len(of))
	go func() {
		defer close(made)
		defer func() { // as a registry does
			if cause := recover(); cause != nil {
				failure := fmt.Errorf("panic: %v", cause)
				made <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(failure), failure)
			}
		}()
		f.exporter.Collect(made)
	}()
	var failures []error
	metrics := make([]*dto.Metric, 0, len(of))
	for made := range made {
		metric := new(dto.Metric)
		failures = append(failures, made.Write(metric))
		metrics = append(metrics, metric)
	}
	slices.SortFunc(metrics, byLabels)
	return metrics, errors.Join(failures...)
}

// byLabels compares the number of labels, and then their values.
func byLabels(a, b *dto.Metric) int {
	return cmp.Or(
		cmp.Compare(len(a.GetLabel()), len(b.GetLabel())),
		slices.CompareFunc(a.GetLabel(), b.GetLabel(), func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetValue(), b.GetValue()) }))
}

// ending returns the end of an exposition in a format.
func ending(format expfmt.Format) ([]byte, error) {
	var buffer bytes.Buffer
	if closer, ok := expfmt.NewEncoder(&buffer, format).(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			return nil, err
		}
	}
	return buffer.Bytes(), nil
}
