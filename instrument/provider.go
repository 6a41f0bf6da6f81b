package instrument

import (
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/push"
)

// newProvider returns a provider that is read by the reader, and pushes under the
// name pushed unless push is nil. Of each instrument it keeps cardinality series
// at the most, without a limit where that is 0.
func newProvider(reader sdkmetric.Reader, push *push.Push, pushed string, cardinality int) (*sdkmetric.MeterProvider, error) {
	options, err := push.Provider(pushed)
	if err != nil {
		return nil, err
	}
	options = append(options, sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(cardinality))
	return sdkmetric.NewMeterProvider(options...), nil
}
