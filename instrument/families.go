package instrument

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// A family is one gauge behind a Prometheus exporter of its own. So a scrape has
// one family at a time in the forms in which it is collected and encoded: all of
// those of 20,000 items take 190 MB, and one at a time a third of that.
type family struct {
	name     string
	provider *sdkmetric.MeterProvider
	registry *prometheus.Registry
}

func newFamily(name string) (*family, error) {
	registry := prometheus.NewRegistry()
	// All names and labels are Prometheus' own already. To translate them
	// nevertheless costs the exporter a map and a slice for each label of each
	// series.
	reader, err := newReader(registry)
	if err != nil {
		return nil, err
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(unlimited))
	return &family{name, provider, registry}, nil
}

// write answers a request with the families, in the format and the compression that
// it asks for, as promhttp would do it with all of them at once. Nobody else uses
// zip meanwhile.
func write(w http.ResponseWriter, r *http.Request, families []*family, zip *gzip.Writer) (err error) {
	format := negotiated(r.Header)
	w.Header().Set("Content-Type", string(format))
	w.Header()["Vary"] = []string{"Accept", "Accept-Encoding"}
	var out io.Writer = w
	if encodingOf(r.Header) == "gzip" {
		w.Header().Set("Content-Encoding", "gzip")
		zip.Reset(w)
		defer func() { err = errors.Join(err, zip.Close()) }()
		out = zip
	}
	encoder := expfmt.NewEncoder(out, format)
	asked := r.URL.Query()[familyParameter]
	for _, family := range families {
		if len(asked) > 0 && !slices.Contains(asked, family.name) {
			continue
		}
		if err := family.encode(encoder); err != nil {
			return err
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		return closer.Close()
	}
	return nil
}

// encode writes the family if it has a series.
func (f *family) encode(encoder expfmt.Encoder) error {
	gathered, err := f.registry.Gather()
	if err != nil {
		return fmt.Errorf("gather: %w", err)
	}
	for _, family := range gathered {
		if err := encoder.Encode(family); err != nil {
			return fmt.Errorf("encode %s: %w", family.GetName(), err)
		}
	}
	return nil
}
