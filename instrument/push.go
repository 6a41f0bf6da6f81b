package instrument

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/keepalive"

	"datahub_exporter/endpoint"
	"datahub_exporter/secret"
)

// collectTimeout is what a reader adds to PushOptions.Timeout for collecting:
// the SDK's own default for both together is 30 s, that for a push 10 s.
const collectTimeout = 20 * time.Second

// PushOptions say where the series are pushed to. What is zero or empty is taken
// from the standard OTEL_EXPORTER_OTLP_* and OTEL_METRIC_EXPORT_* variables, and
// where they say nothing from their specification's defaults.
type PushOptions struct {
	// Endpoint is the collector's.
	Endpoint endpoint.Endpoint
	// Interval is the time between two pushes; by default 60 s.
	Interval time.Duration
	// Timeout bounds one push, its retries included; by default 10 s.
	Timeout time.Duration
	// Headers go with each push.
	Headers map[string]secret.Value
	// CAFile has the certificates in PEM that are trusted instead of the
	// system's; CertFile and KeyFile are the client's own.
	CAFile, CertFile, KeyFile string
	// Compression is "gzip" or "none"; by default none.
	Compression string
}

// Push pushes what a MeterProvider collects to a collector, over OTLP/gRPC. Each
// provider needs a reader of its own, for it shuts its reader down.
type Push struct {
	options  []otlpmetricgrpc.Option
	reader   []sdkmetric.PeriodicReaderOption
	resource *resource.Resource
	onPush   func(error)

	succeeded, failed atomic.Int64
	lastSuccess       atomic.Pointer[time.Time]
}

// NewPush checks the options. It connects to nothing. The resource says who
// pushes; onPush is told of each push. An error names the file that cannot be
// used.
func NewPush(options PushOptions, resource *resource.Resource, onPush func(error)) (*Push, error) {
	push := &Push{
		options:  []otlpmetricgrpc.Option{otlpmetricgrpc.WithDialOption(dialOptions()...)},
		resource: resource,
		onPush:   onPush,
	}
	push.lastSuccess.Store(&time.Time{})
	security, err := options.security()
	if err != nil {
		return nil, err
	}
	push.options = append(push.options, security...)
	if options.Interval > 0 {
		push.reader = append(push.reader, sdkmetric.WithInterval(options.Interval))
	}
	if options.Timeout > 0 {
		push.options = append(push.options, otlpmetricgrpc.WithTimeout(options.Timeout))
		push.reader = append(push.reader, sdkmetric.WithTimeout(options.Timeout+collectTimeout))
	}
	if len(options.Headers) > 0 {
		headers := map[string]string{}
		for name, value := range options.Headers {
			headers[name] = value.Reveal()
		}
		push.options = append(push.options, otlpmetricgrpc.WithHeaders(headers))
	}
	switch options.Compression {
	case "gzip":
		push.options = append(push.options, otlpmetricgrpc.WithCompressor("gzip"))
	case "none": // the exporter has no option that overrides the variable
		push.options = append(push.options, otlpmetricgrpc.WithDialOption(
			grpc.WithDefaultCallOptions(grpc.UseCompressor(encoding.Identity))))
	}
	return push, nil
}

// dialOptions reconnect within seconds of a collector's return, where gRPC by
// itself waits up to two minutes, and notice after ten seconds of silence that a
// gateway has forgotten a connection.
func dialOptions() []grpc.DialOption {
	pace := backoff.DefaultConfig
	pace.MaxDelay = 5 * time.Second
	return []grpc.DialOption{
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: 5 * time.Second}),
		// Servers take a ping every 5 minutes and no more. What counts here is
		// the timeout, which becomes TCP's for what is sent and not confirmed.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
	}
}

// security returns the endpoint with its kind of credentials.
func (o PushOptions) security() ([]otlpmetricgrpc.Option, error) {
	var chosen []otlpmetricgrpc.Option
	if o.Endpoint.Host != "" {
		chosen = append(chosen, otlpmetricgrpc.WithEndpointURL(o.Endpoint.Scheme+"://"+o.Endpoint.Host))
	}
	switch files := o.CAFile != "" || o.CertFile != "" || o.KeyFile != ""; {
	case o.Endpoint.Scheme == "http" && files:
		return nil, errors.New("ca_file, cert_file and key_file need an https endpoint, and this one is http://" + o.Endpoint.Host)
	case o.Endpoint.Scheme == "http":
		// Set both, or a certificate from the environment wins.
		return append(chosen, otlpmetricgrpc.WithTLSCredentials(insecure.NewCredentials())), nil
	case !files:
		return chosen, nil
	}
	config, err := o.tls()
	if err != nil {
		return nil, err
	}
	return append(chosen, otlpmetricgrpc.WithTLSCredentials(credentials.NewTLS(config))), nil
}

func (o PushOptions) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read ca_file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read ca_file %s: holds no certificate in PEM", o.CAFile)
		}
	}
	if (o.CertFile == "") != (o.KeyFile == "") {
		return nil, errors.New("cert_file and key_file need each other; give both or none")
	}
	if o.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read cert_file %s and key_file %s: %w", o.CertFile, o.KeyFile, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// providerOptions have a provider push as well; they are none if p is nil.
func (p *Push) providerOptions() ([]sdkmetric.Option, error) {
	if p == nil {
		return nil, nil
	}
	exporter, err := otlpmetricgrpc.New(context.Background(), p.options...)
	if err != nil {
		return nil, fmt.Errorf("create OTLP exporter: %w", err)
	}
	reader := sdkmetric.NewPeriodicReader(pusher{exporter, p}, p.reader...)
	return []sdkmetric.Option{sdkmetric.WithReader(reader), sdkmetric.WithResource(p.resource)}, nil
}

func (p *Push) ended(err error) {
	if err == nil {
		p.succeeded.Add(1)
		p.lastSuccess.Store(new(time.Now()))
	} else {
		p.failed.Add(1)
	}
	p.onPush(err)
}

// observe creates the instruments that tell of the pushes, or none if p is nil.
func (p *Push) observe(meter metric.Meter) error {
	if p == nil {
		return nil
	}
	pushes, errPushes := meter.Int64ObservableCounter("datahub_exporter_otlp_pushes_total",
		metric.WithDescription("OTLP pushes by their result."))
	last, errLast := meter.Float64ObservableGauge("datahub_exporter_otlp_last_success_timestamp_seconds",
		metric.WithDescription("Unix time of the last OTLP push that succeeded; 0 before the first."))
	success := metric.WithAttributes(attribute.String("result", "success"))
	failure := metric.WithAttributes(attribute.String("result", "failure"))
	_, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		observer.ObserveInt64(pushes, p.succeeded.Load(), success)
		observer.ObserveInt64(pushes, p.failed.Load(), failure)
		observer.ObserveFloat64(last, seconds(*p.lastSuccess.Load()))
		return nil
	}, pushes, last)
	return errors.Join(errPushes, errLast, err)
}

// pusher is an exporter that tells how each push went.
type pusher struct {
	sdkmetric.Exporter
	push *Push
}

// Export pushes. Its error is a *PushError.
func (p pusher) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	err := p.Exporter.Export(ctx, metrics)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil // broken off by Shutdown, which pushes once more
	}
	p.push.ended(err)
	if err != nil {
		return &PushError{err}
	}
	return nil
}

// PushError is a push that failed.
type PushError struct{ cause error }

// Error returns the cause's text.
func (e *PushError) Error() string { return e.cause.Error() }

// Unwrap returns the cause.
func (e *PushError) Unwrap() error { return e.cause }
