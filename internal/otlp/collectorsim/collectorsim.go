// Package collectorsim is a stand-in for an OpenTelemetry collector, over real
// gRPC and real HTTP, for tests. It must not know what pushes to it.
package collectorsim

import (
	"crypto/tls"
	"net"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc/metadata"
)

// Collector receives pushes on loopback and keeps them.
type Collector struct {
	// Address is its host and port.
	Address string
	// Pushes are the messages received, oldest first.
	Pushes <-chan Push

	answer Answer
	pushes chan Push
}

// Push is one message.
type Push struct {
	Request *collector.ExportMetricsServiceRequest
	Headers metadata.MD
	// Compression is the compression of the message: "gzip" or "identity".
	Compression string
}

// Answer returns the response to a push. Its error is a gRPC status; over HTTP it
// becomes an HTTP status.
type Answer func(Push) (*collector.ExportMetricsServiceResponse, error)

// Options describe a collector. The zero value accepts everything over gRPC, within
// gRPC's own limits, without TLS.
type Options struct {
	HTTP   bool // speak HTTP instead, on every path
	TLS    *tls.Config
	Answer Answer
}

// Start returns a collector that accepts everything over gRPC. It stops with the
// test.
func Start(t testing.TB) *Collector {
	t.Helper()
	return StartWith(t, Options{})
}

// StartWith returns a collector with these options. It stops with the test.
func StartWith(t testing.TB, options Options) *Collector {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pushes := make(chan Push, 1000)
	c := &Collector{Address: listener.Addr().String(), Pushes: pushes, answer: options.Answer, pushes: pushes}
	if c.answer == nil {
		c.answer = func(Push) (*collector.ExportMetricsServiceResponse, error) {
			return &collector.ExportMetricsServiceResponse{}, nil
		}
	}
	serve, stop := c.overGRPC(options.TLS)
	if options.HTTP {
		serve, stop = c.overHTTP(options.TLS)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = serve(listener)
	}()
	t.Cleanup(func() {
		stop()
		<-served
	})
	return c
}

// take keeps a push and returns the response to it.
func (c *Collector) take(push Push) (*collector.ExportMetricsServiceResponse, error) {
	answer, err := c.answer(push)
	c.pushes <- push
	return answer, err
}

// Metrics returns what the push holds.
func (p Push) Metrics() []*metrics.Metric {
	var all []*metrics.Metric
	for _, resource := range p.Request.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			all = append(all, scope.GetMetrics()...)
		}
	}
	return all
}
