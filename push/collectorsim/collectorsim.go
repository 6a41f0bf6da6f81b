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

// Collector takes pushes on loopback and keeps them.
type Collector struct {
	// Address is its host and port.
	Address string
	// Pushes are the messages that arrived, the oldest first.
	Pushes <-chan Push

	answer Answer
	pushes chan Push
}

// Push is one message.
type Push struct {
	Request *collector.ExportMetricsServiceRequest
	Headers metadata.MD
	// Compression is what the message was packed with: "gzip", or "identity".
	Compression string
	// Path is the one of the request over HTTP.
	Path string
}

// Answer says what a push is answered with. Its error is one of gRPC's status, for
// which HTTP has statuses, too.
type Answer func(Push) (*collector.ExportMetricsServiceResponse, error)

// Options say what a collector is like. The zero value takes everything over gRPC,
// within its own limits, in the clear.
type Options struct {
	HTTP   bool // it speaks HTTP instead, on each path
	TLS    *tls.Config
	Answer Answer
}

// Start returns a collector that takes everything over gRPC. It ends with the test.
func Start(t testing.TB) *Collector {
	t.Helper()
	return StartWith(t, Options{})
}

// StartWith returns a collector of some kind. It ends with the test.
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

// take keeps a push and returns what it is answered with.
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
