package otlp

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"datahub_exporter/internal/secret"
)

// Push pushes what MeterProviders collect to a collector, over OTLP. A nil Push
// pushes nothing. It is safe for concurrent use.
type Push struct {
	settings *Settings
	tls      *tls.Config // nil without TLS
	resource *resource.Resource
	log      *slog.Logger
	redactor secret.Redactor
	proxy    *url.URL // of gRPC; nil for none
	dialer   net.Dialer
	// maxConnAge is how old a connection may get.
	maxConnAge time.Duration
	// firstRetry is the pause before the first retry; 0 retries nothing.
	firstRetry time.Duration

	mu      sync.Mutex
	pushers []*pusher
	logs    *Logs // nil without log records
}

// New returns a Push with the settings. It reads the files, for no longer than ctx,
// and does not connect. The resource says who pushes; the result of each push is
// logged. An error names the file that cannot be used.
func New(ctx context.Context, settings *Settings, resource *resource.Resource, log *slog.Logger) (*Push, error) {
	secured, err := settings.tls(ctx)
	if err != nil {
		return nil, fmt.Errorf("push over OTLP: %w", err)
	}
	proxy, err := settings.grpcProxy()
	if err != nil {
		return nil, fmt.Errorf("push over OTLP: %w", err)
	}
	for _, warning := range settings.Warnings {
		log.Warn(warning)
	}
	return &Push{
		settings: settings, tls: secured, resource: resource, log: log, redactor: redactHeaders(settings.Headers),
		proxy: proxy, dialer: net.Dialer{Timeout: connectTimeout}, maxConnAge: maxConnAge, firstRetry: time.Second,
	}, nil
}

// Provider returns the options with which a MeterProvider pushes what it collects,
// besides being read otherwise; none if p is nil. The word pushed names what is
// pushed in the log and the counters.
func (p *Push) Provider(pushed string) ([]sdkmetric.Option, error) {
	if p == nil {
		return nil, nil
	}
	used := p.connections()
	exporter, err := p.exporter(used)
	if err != nil {
		return nil, fmt.Errorf("create OTLP exporter: %w", err)
	}
	pusher := &pusher{Exporter: exporter, results: p.newResults(pushed, used), timeout: p.settings.Timeout}
	pusher.reader = sdkmetric.NewPeriodicReader(pusher, sdkmetric.WithInterval(p.settings.Interval), sdkmetric.WithTimeout(p.settings.ReaderTimeout))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pushers = append(p.pushers, pusher)
	return []sdkmetric.Option{sdkmetric.WithReader(pusher.reader), sdkmetric.WithResource(p.resource)}, nil
}

func (p *Push) connections() *connections {
	return &connections{Dialer: p.dialer, proxy: p.proxy, maxAge: p.maxConnAge}
}

// Start makes each provider push at once instead of after the first interval, so
// that a collector that cannot be reached is in the log within one timeout. Call it
// once all providers have their instruments. It does not wait for the pushes; they
// end with their providers.
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
