package source

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestJournal(t *testing.T) {
	expire := &Error{Class: Auth, Code: "AuthFailure.SignatureExpire", Message: "expired", RequestID: "r-1"}
	again := &Error{Class: Auth, Code: "AuthFailure.SignatureExpire", Message: "expired", RequestID: "r-2"}
	reset := &Error{Class: Network, Message: "reset"}
	var log bytes.Buffer
	withoutTime := func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}
	journal := newJournal(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})),
		Target{Region: "ap-guangzhou", Action: Tasks})
	const target = ` region=ap-guangzhou action=DescribeDatahubTasks`
	const hint = ` hint="set this machine's clock: it must be right to five minutes"`
	begin := time.Unix(1_700_000_000, 0)
	steps := []struct {
		second  int
		failure *Error
		want    string
	}{
		{0, nil, ""},
		{10, expire, `level=WARN msg="Refresh failed"` + target + ` class=auth code=AuthFailure.SignatureExpire err=expired request_id=r-1 duration=1.235s calls=3 failed_refreshes=1 not_logged=0` + hint},
		{20, again, ""},
		{69, again, ""},
		{70, again, `level=WARN msg="Refresh failed"` + target + ` class=auth code=AuthFailure.SignatureExpire err=expired request_id=r-2 duration=1.235s calls=3 failed_refreshes=4 not_logged=2` + hint},
		{80, again, ""},
		{85, &Error{Class: Auth, Code: expire.Code, Message: "expired, said otherwise"}, ""},
		{90, reset, `level=WARN msg="Refresh failed"` + target + ` class=network code="" err=reset request_id="" duration=1.235s calls=3 failed_refreshes=7 not_logged=2`},
		{100, nil, `level=INFO msg="Refresh succeeds again"` + target + ` failed_refreshes=7 failing_for=1m30s`},
		{110, nil, ""},
		{120, reset, `level=WARN msg="Refresh failed"` + target + ` class=network code="" err=reset request_id="" duration=1.235s calls=3 failed_refreshes=1 not_logged=0`},
	}
	for _, step := range steps {
		log.Reset()
		report := RefreshReport{Duration: 1234567 * time.Microsecond, Calls: 3}
		journal.record(step.failure, report, begin.Add(time.Duration(step.second)*time.Second))
		if diff := cmp.Diff(step.want, strings.TrimSuffix(log.String(), "\n")); diff != "" {
			t.Errorf("second %d (-want +have):\n%s", step.second, diff)
		}
	}
}

func TestCleanLine(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain":        {"out of order", "out of order"},
		"Chinese":      {"内部错误", "内部错误"},
		"lines":        {"a\r\nb\tc\x00d\u2028e", "a  b c d e"},
		"not UTF-8":    {"a\xffb", "a\uFFFDb"},
		"256 are kept": {strings.Repeat("字", 256), strings.Repeat("字", 256)},
		"257 are cut":  {strings.Repeat("字", 257), strings.Repeat("字", 255) + "…"},
		"escape codes": {"\x1b[31mred\x1b[0m", "[31mred [0m"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, cleanLine(test.text)); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}
