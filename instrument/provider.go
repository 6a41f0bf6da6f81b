package instrument

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/source"
)

// scopeName is the name of the instrumentation scope of all instruments.
const scopeName = "datahub_exporter"

// newProvider returns a provider that keeps every series. By default the SDK folds
// everything beyond 2,000 items into one overflow series, and an item in there raises
// no alert.
func newProvider(options ...sdkmetric.Option) *sdkmetric.MeterProvider {
	return sdkmetric.NewMeterProvider(append(options, sdkmetric.WithCardinalityLimit(0))...)
}

// newReader returns a reader that is registered with registry. Its series have the
// instruments' names and labels and nothing more.
func newReader(registry prometheus.Registerer) (sdkmetric.Reader, error) {
	return otelprom.New(
		otelprom.WithRegisterer(registry),
		otelprom.WithoutScopeInfo(),
		otelprom.WithoutTargetInfo(),
		otelprom.WithTranslationStrategy(otlptranslator.NoTranslation), // they are valid as they are
	)
}

// gather returns the families of some gauges for the snapshots of a scrape, from a
// registry and a provider of its own.
func (e *Exposition) gather(gauges []gauge, s scrape) ([]*dto.MetricFamily, error) {
	registry := prometheus.NewRegistry()
	reader, err := newReader(registry)
	if err != nil {
		return nil, fmt.Errorf("create reader for %s: %w", e.kind.Prefix, err)
	}
	provider := newProvider(sdkmetric.WithReader(reader))
	if err := e.register(provider, gauges, func(context.Context) scrape { return s }); err != nil {
		return nil, err
	}
	return registry.Gather()
}

// An instrument is a gauge that a provider collects.
type instrument struct {
	gauge
	metric.Float64ObservableGauge
}

// register creates the gauges and their one callback, which observes what snapshots
// returns. The callback always returns nil, because an error would stop the whole
// collection; failure is data in the snapshots.
func (e *Exposition) register(provider *sdkmetric.MeterProvider, gauges []gauge, snapshots func(context.Context) scrape) error {
	meter := provider.Meter(scopeName)
	instruments := make([]instrument, len(gauges))
	observables := make([]metric.Observable, len(gauges))
	var failures []error
	for i, gauge := range gauges {
		created, err := meter.Float64ObservableGauge(e.kind.Prefix+gauge.name, metric.WithDescription(gauge.description))
		instruments[i], observables[i] = instrument{gauge, created}, created
		failures = append(failures, err)
	}
	_, err := meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		scrape := snapshots(ctx)
		for _, snapshot := range scrape.snapshots {
			e.observe(observer, instruments, snapshot, targetLabels(snapshot.Target, scrape.multiAccount))
		}
		return nil
	}, observables...)
	if err := errors.Join(append(failures, err)...); err != nil {
		return fmt.Errorf("create instruments for %s: %w", e.kind.Prefix, err)
	}
	return nil
}

// observe observes a snapshot, whose series all have some labels.
func (e *Exposition) observe(observer metric.Observer, instruments []instrument, snapshot *source.Snapshot, labels []attribute.KeyValue) {
	for _, instrument := range instruments {
		if instrument.target != nil {
			instrument.target(snapshot, instrument.observe(observer, labels))
		}
	}
	if snapshot.Listing == nil || !slices.ContainsFunc(instruments, func(i instrument) bool { return i.item != nil }) {
		return
	}
	failures, warnings := e.failures.update(e.kind, snapshot), e.warnings.update(e.kind, snapshot)
	for i := range snapshot.Listing.Items {
		item := &observedItem{Item: &snapshot.Listing.Items[i], kind: e.kind}
		item.failure, item.warning = failures[item.ID].message, warnings[item.ID].message
		item.progress = snapshot.Progress.Of(item.ID)
		identity := append(slices.Clip(labels), attribute.String(e.kind.IDLabel, item.ID), attribute.String(e.kind.NameLabel, item.Name))
		for _, instrument := range instruments {
			if instrument.item != nil {
				instrument.item(item, instrument.observe(observer, identity))
			}
		}
	}
}

// observe returns a function that observes values of the instrument with some labels.
func (i instrument) observe(observer metric.Observer, labels []attribute.KeyValue) observe {
	return func(value float64, more ...attribute.KeyValue) {
		set := attribute.NewSet(slices.Concat(labels, more)...)
		observer.ObserveFloat64(i.Float64ObservableGauge, value, metric.WithAttributeSet(set))
	}
}
