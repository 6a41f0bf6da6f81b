package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// What the SDK cannot read of the variables, it quotes past the log: nobody sees
// that, and where another place says it already it stops no start.
func TestVariablesThatDoNotCountAreNotQuoted(t *testing.T) {
	_, conf := cloud(t)
	path := strings.TrimPrefix(conf, "--conf=")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	section := "[otlp]\nendpoint = http://127.0.0.1:9\nheaders = authorization=Bearer of the file\n"
	if err := os.WriteFile(path, append(content, section...), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	lines := newLines()
	program := exec.CommandContext(t.Context(), os.Args[0], conf, endless, "--web.listen-address=127.0.0.1:0")
	program.Env = append(os.Environ(), asProgram+"=1",
		"OTEL_EXPORTER_OTLP_HEADERS=Authorization: Basic aHVzaDpodXNo==", "OTEL_EXPORTER_OTLP_ENDPOINT=https://u:aHVzaDpodXNo%zz@host",
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
	program.Stderr = io.MultiWriter(&log, lines)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines.await(t, regexp.MustCompile(`msg="(Listening on)"`))
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("exit: want 0, have %v", err)
	}
	lines.Close()
	if strings.Contains(log.String(), "aHVzaDpodXNo") {
		t.Errorf("a variable is quoted:\n%s", &log)
	}
	if want := "OTEL_EXPORTER_OTLP_PROTOCOL"; !strings.Contains(log.String(), want) {
		t.Errorf("want a warning about %s, have:\n%s", want, &log)
	}
}
