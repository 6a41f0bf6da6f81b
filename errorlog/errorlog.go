// Package errorlog logs recurring errors: the first of a kind at once, then at most
// one a minute, with the number of those left out.
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

// Handle logs an error of the SDK, or counts it for the next line. It ignores
// context.Canceled: only Shutdown cancels what the SDK does.
func (l *Log) Handle(err error) {
	if !errors.Is(err, context.Canceled) {
		l.sdk.Failed(err)
	}
}

// Println logs what promhttp says about a scrape, or counts it for the next line.
func (l *Log) Println(words ...any) {
	l.scrapes.Failed(errors.New(strings.TrimSpace(fmt.Sprintln(words...))))
}
