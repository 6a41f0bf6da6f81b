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
	request, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	headers := metadata.MD{}
	for name, values := range r.Header {
		headers.Append(name, values...)
	}
	compression := cmp.Or(r.Header.Get("Content-Encoding"), "identity")
	answer, err := c.take(Push{request, headers, compression})
	code, body := http.StatusOK, proto.Message(answer)
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

// read reads a push as the specification defines it, and rejects everything else.
func read(r *http.Request) (*collector.ExportMetricsServiceRequest, error) {
	if kind := r.Header.Get("Content-Type"); r.Method != http.MethodPost || kind != protobufType {
		return nil, fmt.Errorf("want POST of %s, have %s of %s", protobufType, r.Method, kind)
	}
	body := io.Reader(r.Body)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "":
	case "gzip":
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		body = unpacked
	default:
		return nil, fmt.Errorf("want gzip or nothing, have %s", encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	request := &collector.ExportMetricsServiceRequest{}
	return request, proto.Unmarshal(content, request)
}

// httpStatus returns the HTTP status that the specification gives a gRPC code.
func httpStatus(code codes.Code) int {
	return cmp.Or(map[codes.Code]int{
		codes.Unauthenticated: http.StatusUnauthorized, codes.PermissionDenied: http.StatusForbidden,
		codes.Unimplemented: http.StatusNotFound, codes.NotFound: http.StatusNotFound,
		codes.ResourceExhausted: http.StatusTooManyRequests, codes.Unavailable: http.StatusServiceUnavailable,
	}[code], http.StatusBadRequest)
}
