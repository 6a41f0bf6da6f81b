package collectorsim

import (
	"cmp"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"

	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const protobufType = "application/x-protobuf"

func (c *Collector) overHTTP(secured *tls.Config) (serve func(net.Listener) error, stop func()) {
	server := &http.Server{Handler: c, TLSConfig: secured, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	serve = server.Serve
	if secured != nil {
		serve = func(listener net.Listener) error { return server.ServeTLS(listener, "", "") }
	}
	return serve, func() { _ = server.Close() }
}

// ServeHTTP receives a push.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	push := Push{Headers: metadata.MD{}, Compression: cmp.Or(r.Header.Get("Content-Encoding"), "identity")}
	for name, values := range r.Header {
		push.Headers.Append(name, values...)
	}
	request, take := push.at(r.URL.Path)
	if err := read(r, request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	body, err := take(c)
	code := http.StatusOK
	if err != nil {
		converted := status.Convert(err)
		code, body = httpStatus(converted.Code()), converted.Proto()
	}
	written, err := proto.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", protobufType)
	w.WriteHeader(code)
	_, _ = w.Write(written)
}

// at returns what a push to a path is read into, and how a collector takes it then.
func (p *Push) at(path string) (request proto.Message, take func(*Collector) (proto.Message, error)) {
	if path == "/v1/logs" {
		p.Logs = &collectorlogs.ExportLogsServiceRequest{}
		return p.Logs, func(c *Collector) (proto.Message, error) { return c.takeLogs(*p) }
	}
	p.Request = &collector.ExportMetricsServiceRequest{}
	return p.Request, func(c *Collector) (proto.Message, error) { return c.take(*p) }
}

// read reads a push as the specification defines it, and rejects everything else.
func read(r *http.Request, request proto.Message) error {
	if kind := r.Header.Get("Content-Type"); r.Method != http.MethodPost || kind != protobufType {
		return fmt.Errorf("want POST of %s, have %s of %s", protobufType, r.Method, kind)
	}
	body := io.Reader(r.Body)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "":
	case "gzip":
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return err
		}
		body = unpacked
	default:
		return fmt.Errorf("want gzip or nothing, have %s", encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	return proto.Unmarshal(content, request)
}

// httpStatus returns the HTTP status that the specification gives a gRPC code.
func httpStatus(code codes.Code) int {
	return cmp.Or(map[codes.Code]int{
		codes.Unauthenticated: http.StatusUnauthorized, codes.PermissionDenied: http.StatusForbidden,
		codes.Unimplemented: http.StatusNotFound, codes.NotFound: http.StatusNotFound,
		codes.ResourceExhausted: http.StatusTooManyRequests, codes.Unavailable: http.StatusServiceUnavailable,
	}[code], http.StatusBadRequest)
}
