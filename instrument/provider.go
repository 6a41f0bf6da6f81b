package instrument

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/otlptranslator"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/push"
)

// newProvider returns a provider that is read through the registry, and pushes
// under the name pushed unless push is nil. The series in the registry have the
// instruments' names and labels and nothing more. Of each instrument it keeps
// cardinality series at the most, without a limit where that is 0.
func newProvider(registry prometheus.Registerer, push *push.Push, pushed string, cardinality int) (*sdkmetric.MeterProvider, error) {
	// All names and labels of ours are Prometheus' own already. To translate them
	// nevertheless costs the exporter a map and a slice for each label of each
	// series. Only the label of the SDK's overflow has dots in it.
	translation := otlptranslator.NoTranslation
	if cardinality > 0 {
		translation = otlptranslator.UnderscoreEscapingWithoutSuffixes
	}
	reader, err := otelprom.New(
		otelprom.WithRegisterer(registry),
		otelprom.WithoutScopeInfo(),
		otelprom.WithoutTargetInfo(),
		otelprom.WithTranslationStrategy(translation),
	)
	if err != nil {
		return nil, err
	}
	options, err := push.Provider(pushed)
	if err != nil {
		return nil, err
	}
	options = append(options, sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(cardinality))
	return sdkmetric.NewMeterProvider(options...), nil
}
