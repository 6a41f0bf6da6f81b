package logging_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/logging"
)

func TestClean(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain":         {"out of order", "out of order"},
		"Chinese":       {"内部错误", "内部错误"},
		"lines":         {"a\r\nb\tc\x00d\u2028e", "a  b c d e"},
		"not UTF-8":     {"a\xffb", "a\uFFFDb"},
		"256 are kept":  {strings.Repeat("字", 256), strings.Repeat("字", 256)},
		"in 1024 bytes": {strings.Repeat("😀", 256), strings.Repeat("😀", 256)},
		"257 are cut":   {strings.Repeat("字", 257), strings.Repeat("字", 255) + "…"},
		"escape codes":  {"\x1b[31mred\x1b[0m", "[31mred [0m"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, logging.Clean(test.text)); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}

func TestCleanTo(t *testing.T) {
	for text, want := range map[string]string{"四个字符": "四个字符", "多于四个字符": "多于四…", "a\nb": "a b"} {
		if have := logging.CleanTo(4, text); have != want {
			t.Errorf("%q: want %q, have %q", text, want, have)
		}
	}
}
