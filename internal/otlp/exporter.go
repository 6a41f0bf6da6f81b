package otlp

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"golang.org/x/net/http/httpproxy"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/keepalive"
)

const (
	// attemptTimeout bounds one attempt of gRPC to connect: a dial and the handshakes.
	attemptTimeout = 5 * time.Second
	// idleTimeout closes a connection before a gateway drops it silently, which
	// would cost the next push its time.
	idleTimeout = 30 * time.Second
	// maxHeader caps a response's header in bytes; net/http accepts 10 MB.
	maxHeader = 64 << 10
	// maxResponse caps a response's body in bytes, as gRPC does.
	maxResponse = 4 << 20
)

// retry is faster than the SDK's, which waits 5 s before the first retry: a
// collector that starts alongside the exporter takes about two. Both exporters have
// a type of their own with these fields.
func (p *Push) retry() otlpmetricgrpc.RetryConfig {
	return otlpmetricgrpc.RetryConfig{Enabled: p.firstRetry > 0, InitialInterval: p.firstRetry, MaxInterval: 5 * time.Second, MaxElapsedTime: time.Minute}
}

func (p *Push) headers() map[string]string {
	headers := map[string]string{}
	for name, value := range p.settings.Headers {
		headers[name] = value.Reveal()
	}
	return headers
}

// exporter returns the SDK's exporter, which uses the connections.
func (p *Push) exporter(used *connections) (sdkmetric.Exporter, error) {
	if p.settings.Protocol == HTTP {
		exporter, err := p.overHTTP(used)
		return chunkingExporter{exporter}, err
	}
	exporter, err := p.overGRPC(used)
	return chunkingExporter{exporter}, err
}

func (p *Push) overGRPC(used *connections) (*otlpmetricgrpc.Exporter, error) {
	options := []otlpmetricgrpc.Option{
		otlpmetricgrpc.WithEndpoint(p.settings.target()),
		otlpmetricgrpc.WithTLSCredentials(p.credentials()),
		otlpmetricgrpc.WithHeaders(p.headers()),
		otlpmetricgrpc.WithTimeout(p.settings.Timeout),
		otlpmetricgrpc.WithRetry(p.retry()),
		otlpmetricgrpc.WithDialOption(p.dialOptions(used)...),
	}
	if p.settings.Compression == "gzip" {
		options = append(options, otlpmetricgrpc.WithCompressor("gzip"))
	}
	return otlpmetricgrpc.New(context.Background(), options...)
}

// credentials of gRPC are always given: without them a variable would turn TLS on or off,
// whatever the endpoint says.
func (p *Push) credentials() credentials.TransportCredentials {
	if p.tls == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(p.tls)
}

// target returns the collector in gRPC's form, its name unresolved: each dial
// resolves it, or a proxy does.
func (s *Settings) target() string {
	if s.Endpoint.Scheme == "unix" {
		return s.Collector()
	}
	return "passthrough:///" + s.Endpoint.Host
}

// dialOptions reconnect within seconds of a collector's return, where gRPC by
// default waits up to two minutes, and notice after ten seconds of silence that a
// gateway has dropped a connection.
func (p *Push) dialOptions(used *connections) []grpc.DialOption {
	pace := backoff.DefaultConfig
	pace.MaxDelay = 5 * time.Second
	options := []grpc.DialOption{
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: attemptTimeout}),
		// Servers accept at most one ping every 5 minutes. What counts here is the
		// timeout, which becomes TCP's timeout for data sent but not acknowledged.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithUnaryInterceptor(used.intercept),
	}
	if p.settings.Endpoint.Scheme != "unix" {
		options = append(options, grpc.WithContextDialer(used.dialGRPC))
	}
	if p.settings.Compression == "none" { // whatever a variable says
		options = append(options, grpc.WithDefaultCallOptions(grpc.UseCompressor(encoding.Identity)))
	}
	return options
}

func (p *Push) overHTTP(used *connections) (*otlpmetrichttp.Exporter, error) {
	options := []otlpmetrichttp.Option{
		otlpmetrichttp.WithEndpointURL(p.settings.Collector()),
		otlpmetrichttp.WithHTTPClient(p.client(used)),
		otlpmetrichttp.WithTLSClientConfig(nil), // the transport has it
		otlpmetrichttp.WithHeaders(p.headers()),
		otlpmetrichttp.WithMaxResponseSize(maxResponse),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig(p.retry())),
	}
	switch p.settings.Compression {
	case "gzip":
		options = append(options, otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression))
	case "none": // whatever a variable says
		options = append(options, otlpmetrichttp.WithCompression(otlpmetrichttp.NoCompression))
	}
	return otlpmetrichttp.New(context.Background(), options...)
}

func (p *Push) client(used *connections) *http.Client {
	return &http.Client{Transport: receiverTransport{newTransport(p.tls, used), used}}
}

// newTransport returns a transport that speaks HTTP/1.1, which every receiver
// accepts: with a dialer of its own, net/http speaks nothing else.
func newTransport(secured *tls.Config, used *connections) *http.Transport {
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	return &http.Transport{
		Proxy: func(request *http.Request) (*url.URL, error) { return proxy(request.URL) },
		// Between these two the proxy opens its tunnel, for which net/http has no limit.
		GetProxyConnectHeader: func(context.Context, *url.URL, string) (http.Header, error) {
			used.limit(used.Timeout)
			return nil, nil
		},
		OnProxyConnectResponse: func(ctx context.Context, proxy *url.URL, request *http.Request, response *http.Response) error {
			used.limit(0)
			return refuseTunnel(ctx, proxy, request, response)
		},
		DialContext:            used.dial,
		TLSClientConfig:        secured,
		TLSHandshakeTimeout:    used.Timeout,
		MaxResponseHeaderBytes: maxHeader,
		IdleConnTimeout:        idleTimeout,
	}
}
