// Package collectorsim is a stand-in for an OpenTelemetry collector, over real
// gRPC, for tests. It must not know what pushes to it.
package collectorsim

import (
	"context"
	"net"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // so that it takes packed messages
	"google.golang.org/grpc/metadata"
)

// Collector takes pushes on loopback and keeps them.
type Collector struct {
	collector.UnimplementedMetricsServiceServer
	// Address is its host and port.
	Address string
	// Pushes are the messages that arrived, the oldest first.
	Pushes <-chan Push

	answer func(Push) (*collector.ExportMetricsServiceResponse, error)
	pushes chan Push
}

// Push is one message.
type Push struct {
	Request *collector.ExportMetricsServiceRequest
	Headers metadata.MD
}

// Start returns a collector that takes everything within gRPC's own limits. It
// ends with the test.
func Start(t testing.TB, options ...grpc.ServerOption) *Collector {
	t.Helper()
	return StartWith(t, func(Push) (*collector.ExportMetricsServiceResponse, error) {
		return &collector.ExportMetricsServiceResponse{}, nil
	}, options...)
}

// StartWith returns a collector that answers each push by the function.
func StartWith(t testing.TB, answer func(Push) (*collector.ExportMetricsServiceResponse, error), options ...grpc.ServerOption) *Collector {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pushes := make(chan Push, 1000)
	c := &Collector{Address: listener.Addr().String(), Pushes: pushes, answer: answer, pushes: pushes}
	server := grpc.NewServer(options...)
	collector.RegisterMetricsServiceServer(server, c)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return c
}

// Export implements the service.
func (c *Collector) Export(ctx context.Context, request *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	push := Push{request, headers}
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
