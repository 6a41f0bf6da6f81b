package app

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A socket that systemd does not hand over is told by the flag that asks for it.
func TestNoSocketOfSystemd(t *testing.T) {
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--demo", "--web.systemd-socket"}, io.Discard, &stderr)
	if have := stderr.String(); code != exitFailed || !strings.Contains(have, "error: --web.systemd-socket: ") {
		t.Errorf("want 1 and the flag, have %d and:\n%s", code, have)
	}
}
