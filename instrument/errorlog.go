package instrument

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// errorInterval is how often the errors of one kind are logged.
const errorInterval = time.Minute

// ErrorLog takes the errors of the OpenTelemetry SDK and of the Prometheus
// handlers and logs those of one kind at once and then once a minute at the most.
// It is an otel.ErrorHandler and a promhttp.Logger, and is safe for concurrent
// use.
type ErrorLog struct {
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	pushes  limit
	scrapes limit
	others  limit
}

// limit is when errors of a kind were last logged, and how many have not been
// since.
type limit struct {
	logged time.Time
	silent int
}

// NewErrorLog returns an empty ErrorLog.
func NewErrorLog(log *slog.Logger) *ErrorLog {
	return &ErrorLog{log: log, now: time.Now}
}

// Handle logs err, or counts it for the next line. That something was canceled is
// no news: only Shutdown cancels what the SDK does.
func (l *ErrorLog) Handle(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if _, ok := errors.AsType[*PushError](err); ok {
		l.write(&l.pushes, "OTLP push failed", err.Error())
		return
	}
	l.write(&l.others, "OpenTelemetry SDK failed", err.Error())
}

// Println logs what promhttp has to say of a scrape, or counts it for the next
// line.
func (l *ErrorLog) Println(words ...any) {
	l.write(&l.scrapes, "Scrape failed", strings.TrimSpace(fmt.Sprintln(words...)))
}

// write logs an error of a kind, unless one was logged within errorInterval.
func (l *ErrorLog) write(kind *limit, message, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if !kind.logged.IsZero() && now.Sub(kind.logged) < errorInterval {
		kind.silent++
		return
	}
	l.log.Warn(message, "err", text, "not_logged", kind.silent)
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
