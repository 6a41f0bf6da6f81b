package web

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"datahub_exporter/internal/logging"
)

// serverErrors limits what net/http logs about its server to one line a minute for
// failed TLS handshakes, which any client can cause, and one for everything else. It
// is the slog.Handler of the server's ErrorLog.
type serverErrors struct {
	slog.Handler
	handshakes, others *logging.RepeatLimiter
}

func newServerErrors(log *slog.Logger) serverErrors {
	return serverErrors{
		Handler:    log.Handler(),
		handshakes: logging.NewRepeatLimiter(log, "TLS handshake failed"),
		others:     logging.NewRepeatLimiter(log, "HTTP server failed"),
	}
}

// Handle implements slog.Handler.
func (s serverErrors) Handle(_ context.Context, record slog.Record) error {
	limiter := s.others
	if strings.HasPrefix(record.Message, "http: TLS handshake error") {
		limiter = s.handshakes
	}
	limiter.Failed(errors.New(record.Message))
	return nil
}
