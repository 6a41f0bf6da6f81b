package otlp_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.uber.org/goleak"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(unhurried{m}) }

// unhurried waits longer than goleak for what is about to end: gRPC does not wait
// for a TLS handshake that it has given up, which reads the system's certificates.
type unhurried struct{ *testing.M }

// Run runs the tests.
func (u unhurried) Run() int {
	code := u.M.Run()
	for end := time.Now().Add(time.Minute); goleak.Find() != nil && time.Now().Before(end); {
		continue // Find itself waits
	}
	return code
}

// never is an interval that no test outlasts: any push has another reason.
const never = time.Hour

// patient is a timeout that is long enough for any machine.
const patient = 10 * time.Minute

// log keeps log lines, without their time.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// take returns the lines so far, and forgets them.
func (l *log) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return strings.TrimSuffix(l.text.String(), "\n")
}

func (l *log) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}}))
}

// protocol is the protocol of a test's pushes.
type protocol string

// overBoth runs a test over each protocol.
func overBoth(t *testing.T, test func(t *testing.T, over protocol)) {
	t.Helper()
	for _, over := range []protocol{otlp.GRPC, otlp.HTTP} {
		t.Run(string(over), func(t *testing.T) { test(t, over) })
	}
}

// start returns a collector that accepts everything.
func (p protocol) start(t testing.TB) *collectorsim.Collector { return p.startWith(t, nil) }

// startWith returns a collector that answers with the function.
func (p protocol) startWith(t testing.TB, answer collectorsim.Answer) *collectorsim.Collector {
	t.Helper()
	return collectorsim.StartWith(t, collectorsim.Options{HTTP: p == otlp.HTTP, Answer: answer})
}

// at returns the options of a push without TLS.
func (p protocol) at(address string) *otlp.Options {
	return &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "http", Host: address}, Protocol: string(p), Interval: never, Timeout: patient}
}

// pick returns the value for the protocol.
func pick[T any](over protocol, overGRPC, overHTTP T) T {
	if over == otlp.HTTP {
		return overHTTP
	}
	return overGRPC
}

// at returns the options of a push over gRPC without TLS.
func at(address string) *otlp.Options { return protocol(otlp.GRPC).at(address) }

func noEnvironment(string) string { return "" }

// newPush returns a push with the options, which does not retry.
func newPush(t testing.TB, options *otlp.Options, getenv func(string) string, log *log) *otlp.Push {
	t.Helper()
	settings, err := otlp.Resolve(otlp.Flags{}, options, getenv)
	if err != nil {
		t.Fatal(err)
	}
	made, err := otlp.New(t.Context(), settings, resource.Empty(), log.logger())
	if err != nil {
		t.Fatal(err)
	}
	otlp.RetryAfter(made, 0)
	return made
}

// provider returns a provider that pushes. It is shut down with the test.
func provider(t testing.TB, p *otlp.Push, pushed string, observe metric.Float64Callback) *sdkmetric.MeterProvider {
	t.Helper()
	options, err := p.Provider(pushed)
	if err != nil {
		t.Fatal(err)
	}
	made := sdkmetric.NewMeterProvider(append(options, sdkmetric.WithCardinalityLimit(0))...)
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel() // without a last push
		_ = made.Shutdown(ended)
	})
	if _, err := made.Meter("test").Float64ObservableGauge(pushed, metric.WithFloat64Callback(observe)); err != nil {
		t.Fatal(err)
	}
	return made
}

// one observes one series.
func one(_ context.Context, observer metric.Float64Observer) error {
	observer.Observe(1)
	return nil
}

// flush pushes now.
func flush(t testing.TB, provider *sdkmetric.MeterProvider) {
	t.Helper()
	if err := provider.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// counters returns the series of Observe, by name and labels.
func counters(t testing.TB, p *otlp.Push) map[string]float64 {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	if err := p.Observe(provider.Meter("test")); err != nil {
		t.Fatal(err)
	}
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &collected); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, of := range collected.ScopeMetrics[0].Metrics {
		switch data := of.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				values[of.Name+labels(point.Attributes)] = float64(point.Value)
			}
		case metricdata.Gauge[float64]:
			for _, point := range data.DataPoints {
				values[of.Name+labels(point.Attributes)] = point.Value
			}
		}
	}
	return values
}

func labels(set attribute.Set) string { return "{" + set.Encoded(attribute.DefaultEncoder()) + "}" }
