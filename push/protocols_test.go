package push_test

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

	"datahub_exporter/push"
)

// counted is a listener that closes over with its third connection: by then the
// failure of the first is known.
type counted struct {
	net.Listener
	over  chan struct{}
	mu    sync.Mutex
	count int
}

// Accept implements net.Listener.
func (c *counted) Accept() (net.Conn, error) {
	connection, err := c.Listener.Accept()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count++; c.count == 3 {
		close(c.over)
	}
	return connection, err
}

// Who speaks the one protocol to a server of the other is told so.
func TestTheOtherProtocolIsNamed(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	onlyHTTP1 := new(http.Protocols)
	onlyHTTP1.SetHTTP1(true)
	serveHTTP := func(protocols *http.Protocols) func(net.Listener, *tls.Config) (func() error, func()) {
		return func(listener net.Listener, secured *tls.Config) (func() error, func()) {
			server := &http.Server{
				Handler: http.NotFoundHandler(), TLSConfig: secured, Protocols: protocols,
				ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
			}
			return func() error {
				if secured != nil {
					return server.ServeTLS(listener, "", "")
				}
				return server.Serve(listener)
			}, func() { _ = server.Close() }
		}
	}
	serveGRPC := func(listener net.Listener, secured *tls.Config) (func() error, func()) {
		transport := insecure.NewCredentials()
		if secured != nil {
			transport = credentials.NewTLS(secured)
		}
		server := grpc.NewServer(grpc.Creds(transport))
		return func() error { return server.Serve(listener) }, server.Stop
	}
	const toHTTP, toGRPC, toTheClear = "write protocol = http/protobuf", "write protocol = grpc", "write http:// for the endpoint"
	tests := map[string]struct {
		over         protocol
		scheme       string
		serverSecure bool
		serve        func(net.Listener, *tls.Config) (func() error, func())
		want         string
	}{
		"gRPC to HTTP":                   {push.GRPC, "http", false, serveHTTP(nil), toHTTP},
		"gRPC to HTTP/1.1 over TLS":      {push.GRPC, "https", true, serveHTTP(onlyHTTP1), toHTTP},
		"gRPC to HTTP/2 over TLS":        {push.GRPC, "https", true, serveHTTP(nil), toHTTP},
		"HTTP to gRPC":                   {push.HTTP, "http", false, serveGRPC, toGRPC},
		"HTTP to gRPC over TLS":          {push.HTTP, "https", true, serveGRPC, toGRPC},
		"HTTP over TLS to one without":   {push.HTTP, "https", false, serveHTTP(nil), toTheClear},
		"gRPC over TLS to HTTP in clear": {push.GRPC, "https", false, serveHTTP(nil), toTheClear},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var secured *tls.Config
			if test.serverSecure {
				secured = &tls.Config{Certificates: []tls.Certificate{pair}}
			}
			counting := &counted{Listener: listener, over: make(chan struct{})}
			serve, stop := test.serve(counting, secured)
			var serving sync.WaitGroup
			serving.Go(func() { _ = serve() })
			t.Cleanup(func() {
				stop()
				serving.Wait()
			})
			options, log := test.over.at(listener.Addr().String()), &log{}
			options.Endpoint.Scheme = test.scheme
			if test.scheme == "https" {
				options.CAFile = certFile
			}
			_ = provider(t, newPush(t, options, noEnvironment, log), "tasks", one).Shutdown(overtime{Context: t.Context(), over: counting.over})
			if line := log.take(); !strings.Contains(line, test.want) {
				t.Errorf("want the hint %q, have\n%s", test.want, line)
			}
		})
	}
}
