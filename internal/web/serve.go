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

// The limits for clients. A scrape's header has some 500 bytes, and few servers
// scrape one exporter; the limits are far above both.
const (
	maxHead        = 64 << 10
	maxConnections = 1000
	// sendTimeout is how long a client may take to read its answer.
	sendTimeout = 10 * time.Second
)

// Server serves a handler on the addresses that the flags name.
type Server struct {
	Handler http.Handler
	Flags   *web.FlagConfig
	Log     *slog.Logger
	// Longest is how long the handler may take to begin its answer.
	Longest time.Duration
	// GiveUp ends what requests wait for.
	GiveUp func()
	// Listening is called for each address once the server listens on it.
	Listening func(net.Addr)
}

// Serve serves until ctx ends, and then lets the requests in flight finish. An
// error names the address or the file that cannot be used.
func (s Server) Serve(ctx context.Context) error {
	if err := checkConfigFile(*s.Flags.WebConfigFile); err != nil {
		return err
	}
	server := s.bounded(ctx)
	ended := make(chan error, 1)
	go func() { ended <- web.ListenAndServe(server, s.Flags, s.Log) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve HTTP: %w", err)
	case <-ctx.Done():
	}
	s.Log.Info("Shutting down")
	s.drain(server)
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return nil
}

// bounded returns an HTTP server that no client can block or fill.
func (s Server) bounded(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:           s.Handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      s.Longest + sendTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHead,
		ConnState:         (&connections{limit: connectionLimit(descriptors())}).state,
		ErrorLog:          slog.NewLogLogger(newServerErrors(s.Log), slog.LevelWarn),
		BaseContext: func(listener net.Listener) context.Context {
			s.Listening(listener.Addr())
			return context.WithoutCancel(ctx)
		},
	}
}

func (s Server) drain(server *http.Server) {
	defer time.AfterFunc(graceTimeout, s.GiveUp).Stop()
	drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		s.Log.Warn("Requests in progress did not end in time and are cut off", "waited", drainTimeout)
		_ = server.Close()
	}
}
