package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
)

// At shutdown, refreshes in flight get graceTimeout to finish. Then the scrapes
// that wait for them are answered with what is known, and what is not answered
// after drainTimeout is cut off.
const (
	graceTimeout = 2 * time.Second
	drainTimeout = 3 * time.Second
)

// idleTimeout is longer than the minute between two scrapes, so that each finds
// its connection open.
const idleTimeout = 5 * time.Minute

const (
	// maxHeaderBytes is far above a scrape's header, which has some 500 bytes.
	maxHeaderBytes = 64 << 10
	// sendTimeout is how long a client may take to read its response.
	sendTimeout = 10 * time.Second
)

// Server serves a handler on the addresses that the flags name.
type Server struct {
	Handler http.Handler
	Flags   *web.FlagConfig
	Log     *slog.Logger
	// HandlerTimeout is how long the handler may take to begin its response.
	HandlerTimeout time.Duration
	// OnDrain ends what requests wait for. It is called at shutdown, when requests
	// are still waiting after two seconds.
	OnDrain func()
	// OnListen is called for each address once the server listens on it.
	OnListen func(net.Addr)
}

// Serve serves until ctx ends, and then lets the requests in flight finish. An
// error names the address that cannot be used.
func (s Server) Serve(ctx context.Context) error {
	server := s.httpServer(ctx)
	ended := make(chan error, 1)
	go func() { ended <- web.ListenAndServe(server, s.Flags, s.Log) }()
	select {
	case err := <-ended:
		return s.named(err)
	case <-ctx.Done():
	}
	s.Log.Info("Shutting down")
	s.drain(server)
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return nil
}

// named names the flag that causes an error.
func (s Server) named(err error) error {
	operation, ok := errors.AsType[*net.OpError](err)
	switch {
	case *s.Flags.WebSystemdSocket:
		return fmt.Errorf("--web.systemd-socket: %w; let a socket unit of systemd start the exporter, or remove this flag", err)
	case ok && operation.Op == "listen":
		return fmt.Errorf("--web.listen-address: %w; name an address of this machine and a free port", err)
	}
	return fmt.Errorf("serve HTTP: %w", err)
}

// httpServer returns a server that bounds the size of a header and the time that a
// client may take, so that a client that sends or reads nothing holds its connection
// for seconds only.
func (s Server) httpServer(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      s.HandlerTimeout + sendTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(newServerErrors(s.Log), slog.LevelWarn),
		BaseContext: func(listener net.Listener) context.Context {
			s.OnListen(listener.Addr())
			return context.WithoutCancel(ctx)
		},
	}
}

func (s Server) drain(server *http.Server) {
	defer time.AfterFunc(graceTimeout, s.OnDrain).Stop()
	drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		s.Log.Warn("Requests in flight did not finish in time and are cut off", "waited", drainTimeout)
		_ = server.Close()
	}
}
