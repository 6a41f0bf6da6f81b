package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/logging"
)

// withoutTime returns a log whose lines have no time.
func withoutTime(log *bytes.Buffer) *slog.Logger {
	replace := func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: replace}))
}

type step struct {
	after time.Duration
	do    func()
	want  string
}

// play takes the steps on a fake clock, and compares what each logs.
func play(t *testing.T, log *bytes.Buffer, steps []step) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for i, step := range steps {
			log.Reset()
			time.Sleep(step.after)
			step.do()
			if diff := cmp.Diff(step.want, strings.TrimSpace(log.String())); diff != "" {
				t.Errorf("step %d (-want +have):\n%s", i, diff)
			}
		}
	})
}

func TestErrorsOfLibraries(t *testing.T) {
	var log bytes.Buffer
	sdk, scrapes, odd := logging.NewSDKErrors(withoutTime(&log)), logging.NewScrapeErrors(withoutTime(&log)), errors.New("odd")
	play(t, &log, []step{
		{0, func() { sdk.Handle(fmt.Errorf("collect: %w", context.Canceled)) }, ""},
		{time.Second, func() { sdk.Handle(odd) }, `level=WARN msg="OpenTelemetry SDK failed" err=odd not_logged=0`},
		{0, func() { scrapes.Println("error encoding:", odd) }, `level=WARN msg="Scrape failed" err="error encoding: odd" not_logged=0`},
		{0, func() { scrapes.Println("error encoding:", odd) }, ""},
		{0, func() { sdk.Handle(odd) }, ""},
		{time.Minute, func() { sdk.Handle(odd) }, `level=WARN msg="OpenTelemetry SDK failed" err=odd not_logged=1`},
		{0, func() { scrapes.Println("error encoding:", odd) }, `level=WARN msg="Scrape failed" err="error encoding: odd" not_logged=1`},
	})
}

func TestRepeatLimiter(t *testing.T) {
	var log bytes.Buffer
	refused := errors.New("refused")
	one, other := logging.NewRepeatLimiter(withoutTime(&log).With("of", "one"), "Failed"), logging.NewRepeatLimiter(withoutTime(&log).With("of", "other"), "Failed")
	play(t, &log, []step{
		{0, func() { one.Succeeded("Succeeds again") }, ""},
		{time.Second, func() { one.Failed(refused) }, `level=WARN msg=Failed of=one err=refused not_logged=0`},
		{time.Second, func() { one.Failed(refused) }, ""},
		{0, func() { other.Failed(refused) }, `level=WARN msg=Failed of=other err=refused not_logged=0`},
		{0, func() { other.Succeeded("Succeeds again") }, `level=INFO msg="Succeeds again" of=other not_logged=0`},
		{58 * time.Second, func() { one.Failed(refused) }, ""},
		{time.Second, func() { one.Failed(refused) }, `level=WARN msg=Failed of=one err=refused not_logged=2`},
		{time.Second, func() { one.Failed(refused) }, ""},
		{time.Second, func() { one.Succeeded("Succeeds again") }, `level=INFO msg="Succeeds again" of=one not_logged=1`},
		{time.Second, func() { one.Succeeded("Succeeds again") }, ""},
		{time.Second, func() { one.Failed(refused) }, `level=WARN msg=Failed of=one err=refused not_logged=0`},
	})
}

func TestErrorIsOneShortLine(t *testing.T) {
	var log bytes.Buffer
	logging.NewRepeatLimiter(withoutTime(&log), "Failed").Failed(errors.New("a\nb" + strings.Repeat("x", 1<<20)))
	want := `level=WARN msg=Failed err="a b` + strings.Repeat("x", 252) + `…" not_logged=0` + "\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}
