package instrument

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestErrorLog(t *testing.T) {
	var log bytes.Buffer
	withoutTime := func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}
	errorLog := NewErrorLog(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})))
	now := time.Unix(1_700_000_000, 0)
	errorLog.now = func() time.Time { return now }
	refused, odd := &PushError{errors.New("refused")}, errors.New("odd")
	steps := []struct {
		after time.Duration
		do    func()
		want  string
	}{
		{0, func() { errorLog.Pushed(nil) }, ""},
		{0, func() { errorLog.Handle(fmt.Errorf("collect: %w", context.Canceled)) }, ""},
		{time.Second, func() { errorLog.Handle(refused) }, `level=WARN msg="OTLP push failed" err=refused not_logged=0`},
		{time.Second, func() { errorLog.Handle(errors.Join(refused)) }, ""},
		{time.Second, func() { errorLog.Handle(odd) }, `level=WARN msg="OpenTelemetry SDK failed" err=odd not_logged=0`},
		{0, func() { errorLog.Println("error encoding:", odd) }, `level=WARN msg="Scrape failed" err="error encoding: odd" not_logged=0`},
		{0, func() { errorLog.Println("error encoding:", odd) }, ""},
		{57 * time.Second, func() { errorLog.Handle(refused) }, ""},
		{time.Second, func() { errorLog.Handle(refused) }, `level=WARN msg="OTLP push failed" err=refused not_logged=2`},
		{time.Second, func() { errorLog.Handle(refused) }, ""},
		{time.Second, func() { errorLog.Pushed(nil) }, `level=INFO msg="OTLP push succeeds again" not_logged=1`},
		{time.Second, func() { errorLog.Pushed(nil) }, ""},
		{time.Second, func() { errorLog.Handle(refused) }, `level=WARN msg="OTLP push failed" err=refused not_logged=0`},
	}
	for i, step := range steps {
		log.Reset()
		now = now.Add(step.after)
		step.do()
		if diff := cmp.Diff(step.want, strings.TrimSpace(log.String())); diff != "" {
			t.Errorf("step %d (-want +have):\n%s", i, diff)
		}
	}
}
