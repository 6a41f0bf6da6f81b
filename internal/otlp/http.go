package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

const (
	// maxHead is the most bytes of a response's header that are read; net/http
	// would read 10 MB.
	maxHead = 64 << 10
	// idleTimeout closes a connection before a gateway on the way drops it, which
	// would cost the next push its time. One push uses one connection.
	idleTimeout = 30 * time.Second
)

// overHTTP returns an exporter over HTTP, and a function that closes its
// connections.
func (s *Settings) overHTTP(secured *tls.Config) (sdkmetric.Exporter, context.CancelFunc, error) {
	target, err := s.url()
	if err != nil {
		return nil, nil, err
	}
	ended, end := context.WithCancel(context.Background())
	transport := s.transport(ended, secured)
	cut := func() {
		end()
		transport.CloseIdleConnections()
	}
	client := &http.Client{
		Transport: courier{next: transport, compress: s.Compression == "gzip"},
		// A redirect would take the headers to where nobody meant to send them.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	// Every option is set: for any other, the SDK would read a variable. The client
	// does TLS and compression.
	exporter, err := otlpmetrichttp.New(ended,
		otlpmetrichttp.WithEndpointURL(target.String()),
		otlpmetrichttp.WithHTTPClient(client),
		otlpmetrichttp.WithTLSClientConfig(nil),
		otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression),
		otlpmetrichttp.WithHeaders(s.headers()),
		otlpmetrichttp.WithTimeout(s.Timeout),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig(retry())),
		otlpmetrichttp.WithMaxRequestSize(0), // the push is sent in parts
	)
	if err != nil {
		cut()
		return nil, nil, err
	}
	return httpExporter{exporter, s.Timeout}, cut, nil
}

// transport returns a transport for HTTP/1.1 only, which every receiver accepts:
// over HTTP/2 a peer can flood the exporter with pings.
func (s *Settings) transport(ended context.Context, secured *tls.Config) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	transport := &http.Transport{
		Protocols:              protocols,
		TLSClientConfig:        overHTTP1(secured),
		TLSHandshakeTimeout:    connectTimeout,
		MaxResponseHeaderBytes: maxHead,
		IdleConnTimeout:        idleTimeout,
		DisableCompression:     true, // so that the limit applies to what arrives
	}
	dialer := &dialer{proxy: s.Proxy, ended: ended}
	if s.Proxy != nil && s.forwarded() {
		transport.Proxy, dialer.proxy = http.ProxyURL(s.Proxy), nil
	}
	transport.DialContext = dialer.dialHTTP
	return transport
}

// overHTTP1 returns a configuration with which a server that speaks only HTTP/2, as
// for gRPC, says so.
func overHTTP1(secured *tls.Config) *tls.Config {
	if secured == nil {
		return nil
	}
	secured = secured.Clone()
	secured.NextProtos = []string{"http/1.1"}
	return secured
}

// httpExporter bounds each push including its retries, as the SDK does over gRPC
// only.
type httpExporter struct {
	*otlpmetrichttp.Exporter
	timeout time.Duration
}

// Export pushes. Its error is the receiver's response or the failure of the
// connection, rather than what the SDK makes of it.
func (e httpExporter) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	ctx, outcome := withOutcome(ctx)
	err := e.Exporter.Export(ctx, metrics)
	switch {
	case err == nil || outcome.err == nil:
		return err
	case ctx.Err() != nil && !errors.Is(outcome.err, ctx.Err()):
		return fmt.Errorf("failed to upload metrics: %w: %w", ctx.Err(), outcome.err)
	}
	return fmt.Errorf("failed to upload metrics: %w", outcome.err)
}

// outcome is the error of the last try of a push.
type outcome struct{ err error }

type outcomeKey struct{}

func withOutcome(ctx context.Context) (context.Context, *outcome) {
	kept := &outcome{}
	return context.WithValue(ctx, outcomeKey{}, kept), kept
}

// keepOutcome is called within the push, after each try in turn. A try that was cut
// off by the deadline says less than the one before.
func keepOutcome(ctx context.Context, err error) {
	kept, ok := ctx.Value(outcomeKey{}).(*outcome)
	if ok && (kept.err == nil || err == nil || ctx.Err() == nil) {
		kept.err = err
	}
}
