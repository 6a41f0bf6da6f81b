package otlp_test

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"datahub_exporter/internal/otlp"
)

// serving runs a server on a listener, with TLS if it is configured.
type serving func(listener net.Listener, secured *tls.Config) (serve func() error, stop func())

// serveHTTP serves HTTP with the given protocols, or those of net/http if nil, and
// answers 404 on every path.
func serveHTTP(protocols *http.Protocols) serving {
	return func(listener net.Listener, secured *tls.Config) (func() error, func()) {
		server := &http.Server{
			Handler: http.NotFoundHandler(), TLSConfig: secured, Protocols: protocols,
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		}
		stop := func() { _ = server.Close() }
		if secured == nil {
			return func() error { return server.Serve(listener) }, stop
		}
		return func() error { return server.ServeTLS(listener, "", "") }, stop
	}
}

func serveGRPC(listener net.Listener, secured *tls.Config) (func() error, func()) {
	transport := insecure.NewCredentials()
	if secured != nil {
		transport = credentials.NewTLS(secured)
	}
	server := grpc.NewServer(grpc.Creds(transport))
	return func() error { return server.Serve(listener) }, server.Stop
}

// start runs the server until the test ends, and returns its address.
func (s serving) start(t *testing.T, secured *tls.Config) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve, stop := s(listener, secured)
	var running sync.WaitGroup
	running.Go(func() { _ = serve() })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return listener.Addr().String()
}

// A push to a server of the other protocol fails with a hint that says so.
func TestTheOtherProtocolIsNamed(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	onlyHTTP1 := new(http.Protocols)
	onlyHTTP1.SetHTTP1(true)
	secured := &tls.Config{Certificates: []tls.Certificate{pair}}
	const toHTTP, toGRPC, toTheClear = "write protocol = http/protobuf", "write protocol = grpc", "use http:// in the endpoint"
	tests := map[string]struct {
		over    protocol
		scheme  string
		secured *tls.Config
		server  serving
		want    string
	}{
		"gRPC to HTTP":                   {otlp.GRPC, "http", nil, serveHTTP(nil), toHTTP},
		"gRPC to HTTP/1.1 over TLS":      {otlp.GRPC, "https", secured, serveHTTP(onlyHTTP1), toHTTP},
		"gRPC to HTTP/2 over TLS":        {otlp.GRPC, "https", secured, serveHTTP(nil), toHTTP},
		"HTTP to gRPC":                   {otlp.HTTP, "http", nil, serveGRPC, toGRPC},
		"HTTP to gRPC over TLS":          {otlp.HTTP, "https", secured, serveGRPC, toGRPC},
		"HTTP over TLS to one without":   {otlp.HTTP, "https", nil, serveHTTP(nil), toTheClear},
		"gRPC over TLS to HTTP in clear": {otlp.GRPC, "https", nil, serveHTTP(nil), toTheClear},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, log := test.over.at(test.server.start(t, test.secured.Clone())), &log{}
			options.Endpoint.Scheme = test.scheme
			if test.scheme == "https" {
				options.CAFile = certFile
			}
			flush(t, provider(t, newPush(t, options, noEnvironment, log), "tasks", one))
			if line := log.take(); !strings.Contains(line, test.want) {
				t.Errorf("want the hint %q, have\n%s", test.want, line)
			}
		})
	}
}
