package instrument

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/otlptranslator"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/internal/otlp"
)

// unlimited keeps every series. By default the SDK folds everything beyond 2,000
// items into one overflow series, and an item in there raises no alert.
const unlimited = 0

// newReader returns a reader that is registered with registry. Its series have the
// instruments' names and labels and nothing more.
func newReader(registry prometheus.Registerer) (sdkmetric.Reader, error) {
	return otelprom.New(
		otelprom.WithRegisterer(registry),
		otelprom.WithoutScopeInfo(),
		otelprom.WithoutTargetInfo(),
		otelprom.WithTranslationStrategy(otlptranslator.NoTranslation),
	)
}

// newSelfProvider returns the provider of the exporter's own instruments, which is
// read through the registry and pushed unless push is nil.
func newSelfProvider(registry prometheus.Registerer, push *otlp.Push) (*sdkmetric.MeterProvider, error) {
	reader, err := newReader(registry)
	if err != nil {
		return nil, err
	}
	options, err := push.Provider("exporter")
	if err != nil {
		return nil, err
	}
	options = append(options, sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(unlimited))
	return sdkmetric.NewMeterProvider(options...), nil
}
