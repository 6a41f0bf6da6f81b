// Package collectorsim is a stand-in for an OpenTelemetry collector, over real
// gRPC and real HTTP, for tests. It must not know what pushes to it.
package collectorsim

import (
	"crypto/tls"
	"net"
	"testing"

	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc/metadata"
)

// Collector receives pushes on loopback and keeps them.
type Collector struct {
	// Address is its host and port.
	Address string
	// Pushes are the messages received, oldest first.
	Pushes <-chan Push
	// Logs are the messages with log records received, oldest first.
	Logs <-chan Push

	answer       Answer
	answerLogs   AnswerLogs
	pushes, logs chan Push
}

// Push is one message.
type Push struct {
	Request *collector.ExportMetricsServiceRequest  // nil for log records
	Logs    *collectorlogs.ExportLogsServiceRequest // nil for metrics
	Headers metadata.MD
	// Compression is the compression of the message: "gzip" or "identity".
	Compression string
}

// Answer returns the response to a push. Its error is a gRPC status; over HTTP it
// becomes an HTTP status.
type Answer func(Push) (*collector.ExportMetricsServiceResponse, error)

// AnswerLogs is like Answer, for log records.
type AnswerLogs func(Push) (*collectorlogs.ExportLogsServiceResponse, error)

// Options describe a collector. The zero value accepts everything over gRPC, within
// gRPC's own limits, without TLS.
type Options struct {
	HTTP   bool // speak HTTP instead, on every path
	TLS    *tls.Config
	Answer Answer
	// AnswerLogs answers log records, over HTTP on /v1/logs.
	AnswerLogs AnswerLogs
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
	pushes, logs := make(chan Push, 1000), make(chan Push, 1000)
	c := &Collector{
		Address: listener.Addr().String(), Pushes: pushes, Logs: logs,
		answer: options.Answer, answerLogs: options.AnswerLogs, pushes: pushes, logs: logs,
	}
	if c.answerLogs == nil {
		c.answerLogs = func(Push) (*collectorlogs.ExportLogsServiceResponse, error) {
			return &collectorlogs.ExportLogsServiceResponse{}, nil
		}
	}
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

func (c *Collector) takeLogs(push Push) (*collectorlogs.ExportLogsServiceResponse, error) {
	answer, err := c.answerLogs(push)
	c.logs <- push
	return answer, err
}

// Records returns the log records of the push.
func (p Push) Records() []*logs.LogRecord {
	var all []*logs.LogRecord
	for _, resource := range p.Logs.GetResourceLogs() {
		for _, scope := range resource.GetScopeLogs() {
			all = append(all, scope.GetLogRecords()...)
		}
	}
	return all
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
