package instrument

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// errorInterval is how often the errors of one kind are logged.
const errorInterval = time.Minute

// ErrorLog takes the errors of the OpenTelemetry SDK and logs those of one kind
// at once and then once a minute at the most. It is an otel.ErrorHandler and is
// safe for concurrent use.
type ErrorLog struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	pushes limit
	others limit
}

// limit is when errors of a kind were last logged, and how many have not been
// since.
type limit struct {
	logged time.Time
	silent int
}

// NewErrorLog gives an empty ErrorLog.
func NewErrorLog(log *slog.Logger) *ErrorLog {
	return &ErrorLog{log: log, now: time.Now}
}

// Handle logs err, or counts it for the next line. That something was canceled is
// no news: only Shutdown cancels what the SDK does.
func (l *ErrorLog) Handle(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	kind, message := &l.others, "OpenTelemetry SDK failed"
	if _, ok := errors.AsType[*PushError](err); ok {
		kind, message = &l.pushes, "OTLP push failed"
	}
	now := l.now()
	if !kind.logged.IsZero() && now.Sub(kind.logged) < errorInterval {
		kind.silent++
		return
	}
	l.log.Warn(message, "err", err, "not_logged", kind.silent)
	*kind = limit{logged: now}
}

// Pushed is told of each push; the first that succeeds after failures is logged.
func (l *ErrorLog) Pushed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && !l.pushes.logged.IsZero() {
		l.log.Info("OTLP push succeeds again", "not_logged", l.pushes.silent)
		l.pushes = limit{}
	}
}
