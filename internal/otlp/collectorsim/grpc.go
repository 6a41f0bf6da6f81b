package collectorsim

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"

	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // accepts compressed messages
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

func (c *Collector) overGRPC(secured *tls.Config) (serve func(net.Listener) error, stop func()) {
	transport := insecure.NewCredentials()
	if secured != nil {
		transport = credentials.NewTLS(secured)
	}
	server := grpc.NewServer(grpc.Creds(transport), grpc.StatsHandler(compressions{}))
	collector.RegisterMetricsServiceServer(server, service{collector: c})
	collectorlogs.RegisterLogsServiceServer(server, logsService{collector: c})
	return server.Serve, server.Stop
}

type service struct {
	collector.UnimplementedMetricsServiceServer
	collector *Collector
}

// Export implements the service.
func (s service) Export(ctx context.Context, request *collector.ExportMetricsServiceRequest) (*collector.ExportMetricsServiceResponse, error) {
	return s.collector.take(described(ctx, Push{Request: request}))
}

type logsService struct {
	collectorlogs.UnimplementedLogsServiceServer
	collector *Collector
}

// Export implements the service.
func (s logsService) Export(ctx context.Context, request *collectorlogs.ExportLogsServiceRequest) (*collectorlogs.ExportLogsServiceResponse, error) {
	return s.collector.takeLogs(described(ctx, Push{Logs: request}))
}

// described returns the push with what its call says besides the message.
func described(ctx context.Context, push Push) Push {
	push.Headers, _ = metadata.FromIncomingContext(ctx)
	if compression, ok := ctx.Value(compressionKey{}).(*string); ok {
		push.Compression = *compression
	}
	return push
}

// compressions is a stats.Handler that records the compression of each call: gRPC
// keeps the header to itself.
type compressions struct{}

type compressionKey struct{}

// TagRPC makes room for the record.
func (compressions) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, compressionKey{}, new(string))
}

// HandleRPC records the compression, before the call is handled.
func (compressions) HandleRPC(ctx context.Context, event stats.RPCStats) {
	header, begins := event.(*stats.InHeader)
	if note, ok := ctx.Value(compressionKey{}).(*string); ok && begins {
		*note = cmp.Or(header.Compression, "identity")
	}
}

// TagConn implements stats.Handler.
func (compressions) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (compressions) HandleConn(context.Context, stats.ConnStats) {}
