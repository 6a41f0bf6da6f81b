package otlp

import (
	"context"
	"crypto/tls"
	"slices"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/keepalive"
)

// overGRPC returns an exporter over gRPC, and a function that closes its
// connection.
func (s *Settings) overGRPC(secured *tls.Config) (sdkmetric.Exporter, context.CancelFunc, error) {
	transport := insecure.NewCredentials()
	if secured != nil {
		transport = credentials.NewTLS(secured)
	}
	ended, cut := context.WithCancel(context.Background())
	dialer := &dialer{proxy: s.Proxy, ended: ended}
	// Every option is set: for any other, the SDK would read a variable.
	exporter, err := otlpmetricgrpc.New(ended,
		otlpmetricgrpc.WithEndpoint(passthrough(s.Target)),
		otlpmetricgrpc.WithTLSCredentials(transport),
		otlpmetricgrpc.WithHeaders(s.headers()),
		otlpmetricgrpc.WithTimeout(s.Timeout),
		otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig(retry())),
		otlpmetricgrpc.WithMaxRequestSize(0), // the push is sent in parts
		otlpmetricgrpc.WithDialOption(slices.Concat(s.dialOptions(), []grpc.DialOption{dialer.option()})...),
	)
	if err != nil {
		cut()
		return nil, nil, err
	}
	return exporter, cut, nil
}

// dialOptions reconnect within seconds of a collector's return, where gRPC by
// default waits up to two minutes, and notice after ten seconds of silence that a
// gateway has dropped a connection.
func (s *Settings) dialOptions() []grpc.DialOption {
	pace := backoff.DefaultConfig
	pace.MaxDelay = 5 * time.Second
	compressor := encoding.Identity
	if s.Compression == "gzip" {
		compressor = "gzip"
	}
	return []grpc.DialOption{
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: connectTimeout}),
		// Servers accept at most one ping every 5 minutes. What counts here is the
		// timeout, which becomes TCP's timeout for data sent but not acknowledged.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.UseCompressor(compressor)),
		grpc.WithUnaryInterceptor(sendInParts),
	}
}
