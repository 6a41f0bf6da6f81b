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

// gather returns the families of some gauges for snapshots, from a registry and a
// provider of its own.
func (e *Exposition) gather(gauges []gauge, scrape scrape) ([]*dto.MetricFamily, error) {
	registry := prometheus.NewRegistry()
	reader, err := newReader(registry)
	if err != nil {
		return nil, fmt.Errorf("create reader for %s: %w", e.Kind.Prefix, err)
	}
	provider := newProvider(sdkmetric.WithReader(reader))
	err = e.register(provider, gauges, func(context.Context) ([]*source.Snapshot, bool) { return scrape.snapshots, scrape.multiAccount })
	if err != nil {
		return nil, err
	}
	return registry.Gather()
}

// register creates the gauges and their one callback, which gets its snapshots from
// ask. The callback always returns nil, because an error would stop the whole
// collection; failure is data in the snapshots.
func (e *Exposition) register(
	provider *sdkmetric.MeterProvider, gauges []gauge, ask func(context.Context) (snapshots []*source.Snapshot, multiAccount bool),
) error {
	meter := provider.Meter(scopeName)
	instruments := make([]metric.Float64ObservableGauge, len(gauges))
	observables := make([]metric.Observable, len(gauges))
	var failures []error
	for i, gauge := range gauges {
		created, err := meter.Float64ObservableGauge(e.Kind.Prefix+gauge.name, metric.WithDescription(gauge.description))
		instruments[i], observables[i] = created, created
		failures = append(failures, err)
	}
	_, err := meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		snapshots, multiAccount := ask(ctx)
		for _, snapshot := range snapshots {
			labels := targetLabels(snapshot.Target, multiAccount)
			e.observe(gauges, snapshot, func(gauge int, value float64, more ...attribute.KeyValue) {
				set := attribute.NewSet(slices.Concat(labels, more)...)
				observer.ObserveFloat64(instruments[gauge], value, metric.WithAttributeSet(set))
			})
		}
		return nil
	}, observables...)
	if err := errors.Join(append(failures, err)...); err != nil {
		return fmt.Errorf("create instruments for %s: %w", e.Kind.Prefix, err)
	}
	return nil
}

// observe observes a snapshot with each of the gauges, which record names by its
// index.
func (e *Exposition) observe(gauges []gauge, snapshot *source.Snapshot, record func(gauge int, value float64, labels ...attribute.KeyValue)) {
	for i, gauge := range gauges {
		if gauge.target != nil {
			gauge.target(snapshot, func(value float64, more ...attribute.KeyValue) { record(i, value, more...) })
		}
	}
	if snapshot.Listing == nil || !slices.ContainsFunc(gauges, func(gauge gauge) bool { return gauge.item != nil }) {
		return
	}
	errors := e.errorInfos.of(e.Kind, snapshot)
	for at := range snapshot.Listing.Items {
		item := &observedItem{Item: &snapshot.Listing.Items[at], kind: e.Kind}
		item.errorInfo = errors[item.ID].errorInfo
		identity := []attribute.KeyValue{attribute.String(e.Kind.IDLabel, item.ID), attribute.String(e.Kind.NameLabel, item.Name)}
		for i, gauge := range gauges {
			if gauge.item != nil {
				gauge.item(item, func(value float64, more ...attribute.KeyValue) { record(i, value, append(identity, more...)...) })
			}
		}
	}
}
