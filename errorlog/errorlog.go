// Package errorlog logs errors that come again and again: those of one kind at
// once and then once a minute at the most, with the number of those left out.
//
// It must not know what fails.
package errorlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Log takes the errors of the OpenTelemetry SDK and of the Prometheus handlers.
// It is an otel.ErrorHandler and a promhttp.Logger, and is safe for concurrent
// use.
type Log struct {
	sdk, scrapes *Kind
}

// New returns a Log that writes to log.
func New(log *slog.Logger) *Log {
	return &Log{sdk: NewKind(log, "OpenTelemetry SDK failed"), scrapes: NewKind(log, "Scrape failed")}
}

// Handle logs an error of the SDK's, or counts it for the next line. That
// something was canceled is no news: only Shutdown cancels what the SDK does.
func (l *Log) Handle(err error) {
	if !errors.Is(err, context.Canceled) {
		l.sdk.Failed(err)
	}
}

// Println logs what promhttp has to say of a scrape, or counts it for the next
// line.
func (l *Log) Println(words ...any) {
	l.scrapes.Failed(errors.New(strings.TrimSpace(fmt.Sprintln(words...))))
}
