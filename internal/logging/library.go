package logging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// SDKErrors logs the errors of the OpenTelemetry SDK. It is an otel.ErrorHandler.
type SDKErrors struct{ limiter *RepeatLimiter }

// NewSDKErrors returns an SDKErrors that writes to log.
func NewSDKErrors(log *slog.Logger) SDKErrors {
	return SDKErrors{NewRepeatLimiter(log, "OpenTelemetry SDK failed")}
}

// Handle logs an error, or counts it for the next line. It ignores
// context.Canceled: only Shutdown cancels what the SDK does.
func (e SDKErrors) Handle(err error) {
	if !errors.Is(err, context.Canceled) {
		e.limiter.Failed(err)
	}
}

// ScrapeErrors logs what fails while a scrape is answered. It is a promhttp.Logger.
type ScrapeErrors struct{ limiter *RepeatLimiter }

// NewScrapeErrors returns a ScrapeErrors that writes to log.
func NewScrapeErrors(log *slog.Logger) ScrapeErrors {
	return ScrapeErrors{NewRepeatLimiter(log, "Scrape failed")}
}

// Println logs what promhttp says about a scrape, or counts it for the next line. It
// ignores an Accept-Encoding that allows nothing: that is answered uncompressed.
func (e ScrapeErrors) Println(words ...any) {
	if text := strings.TrimSpace(fmt.Sprintln(words...)); !strings.HasPrefix(text, "error getting writer") {
		e.limiter.Failed(errors.New(text))
	}
}
