package web

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"datahub_exporter/internal/logging"
)

// serverErrors takes what net/http logs about its server and logs it at most once a
// minute: failed TLS handshakes, which any client can cause, and, separately,
// everything else. It is a slog.Handler, for the logger that net/http gets.
type serverErrors struct {
	handshakes, others *logging.RepeatLimiter
}

func newServerErrors(log *slog.Logger) serverErrors {
	return serverErrors{
		handshakes: logging.NewRepeatLimiter(log, "TLS handshake failed"),
		others:     logging.NewRepeatLimiter(log, "HTTP server failed"),
	}
}

// Enabled implements slog.Handler.
func (serverErrors) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (s serverErrors) Handle(_ context.Context, record slog.Record) error {
	kind := s.others
	if strings.HasPrefix(record.Message, "http: TLS handshake error") {
		kind = s.handshakes
	}
	kind.Failed(errors.New(record.Message))
	return nil
}

// WithAttrs implements slog.Handler; net/http gives none.
func (s serverErrors) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements slog.Handler; net/http gives none.
func (s serverErrors) WithGroup(string) slog.Handler { return s }
