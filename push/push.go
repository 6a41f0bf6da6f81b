package push

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/keepalive"

	"datahub_exporter/errorlog"
	"datahub_exporter/secret"
)

// Push pushes what MeterProviders collect to a collector, over OTLP/gRPC. A nil
// Push pushes nothing. It is safe for concurrent use.
type Push struct {
	options  []otlpmetricgrpc.Option
	dial     []grpc.DialOption
	proxy    *url.URL
	reader   []sdkmetric.PeriodicReaderOption
	resource *resource.Resource
	log      *slog.Logger
	hide     secret.Redactor

	mu      sync.Mutex
	pushers []*pusher
}

// New returns a Push as the settings say. It reads the files until ctx ends and
// connects to nothing. The resource says who pushes; the result of each push is
// logged. An error names the file that cannot be used.
func New(ctx context.Context, settings *Settings, resource *resource.Resource, log *slog.Logger) (*Push, error) {
	credentials, err := settings.credentials(ctx)
	if err != nil {
		return nil, fmt.Errorf("push over OTLP: %w", err)
	}
	for _, warning := range settings.Warnings {
		log.Warn(warning)
	}
	return &Push{
		// Each option is given: for one that is not, the SDK would read a variable.
		options: []otlpmetricgrpc.Option{
			otlpmetricgrpc.WithEndpoint(passthrough(settings.Target)),
			otlpmetricgrpc.WithTLSCredentials(credentials),
			otlpmetricgrpc.WithHeaders(settings.headers()),
			otlpmetricgrpc.WithTimeout(settings.Timeout),
			otlpmetricgrpc.WithRetry(retry()),
			otlpmetricgrpc.WithMaxRequestSize(0), // it is sent in parts
		},
		dial:     settings.dialOptions(),
		proxy:    settings.Proxy,
		reader:   []sdkmetric.PeriodicReaderOption{sdkmetric.WithInterval(settings.Interval), sdkmetric.WithTimeout(settings.ReaderTimeout)},
		resource: resource,
		log:      log,
		hide:     hideIn(settings.Headers),
	}, nil
}

// retry tries again sooner than the SDK, which waits for 5 s before it does: a
// collector that starts beside the exporter takes about two.
func retry() otlpmetricgrpc.RetryConfig {
	return otlpmetricgrpc.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: time.Minute}
}

// dialOptions reconnect within seconds of a collector's return, where gRPC by
// itself waits up to two minutes, and notice after ten seconds of silence that a
// gateway has forgotten a connection.
func (s *Settings) dialOptions() []grpc.DialOption {
	pace := backoff.DefaultConfig
	pace.MaxDelay = 5 * time.Second
	compressor := encoding.Identity
	if s.Compression == "gzip" {
		compressor = "gzip"
	}
	return []grpc.DialOption{
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: 5 * time.Second}),
		// Servers take a ping every 5 minutes and no more. What counts here is
		// the timeout, which becomes TCP's for what is sent and not confirmed.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.UseCompressor(compressor)),
		grpc.WithUnaryInterceptor(sendInParts),
	}
}

func (s *Settings) headers() map[string]string {
	headers := map[string]string{}
	for name, value := range s.Headers {
		headers[name] = value.Reveal()
	}
	return headers
}

// Provider returns the options with which a MeterProvider pushes what it collects,
// besides being read otherwise; none if p is nil. What is pushed is named by one
// word, for the log and the counters.
func (p *Push) Provider(pushed string) ([]sdkmetric.Option, error) {
	if p == nil {
		return nil, nil
	}
	ended, cut := context.WithCancel(context.Background())
	dialer := &dialer{proxy: p.proxy, ended: ended}
	dial := otlpmetricgrpc.WithDialOption(append(slices.Clone(p.dial), dialer.option())...)
	exporter, err := otlpmetricgrpc.New(ended, append(slices.Clone(p.options), dial)...)
	if err != nil {
		cut()
		return nil, fmt.Errorf("create OTLP exporter: %w", err)
	}
	pusher := &pusher{
		Exporter: exporter,
		cut:      cut,
		pushed:   pushed,
		failures: errorlog.NewKind(p.log.With("pushed", pushed), "OTLP push failed"),
		hide:     p.hide,
	}
	pusher.lastSuccess.Store(&time.Time{})
	pusher.reader = sdkmetric.NewPeriodicReader(pusher, p.reader...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pushers = append(p.pushers, pusher)
	return []sdkmetric.Option{sdkmetric.WithReader(pusher.reader), sdkmetric.WithResource(p.resource)}, nil
}

// Start has each provider push at once, and not only when the first interval is
// over, so that a collector that cannot be reached is in the log within one
// timeout. It comes when all providers have their instruments, and does not wait
// for the pushes; they end with their providers.
func (p *Push) Start() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pusher := range p.pushers {
		pusher.start()
	}
}
