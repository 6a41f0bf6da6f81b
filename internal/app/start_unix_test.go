//go:build unix

package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pipeInPlaceOf makes a pipe that nobody writes to.
func pipeInPlaceOf(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// program starts the program as a separate process.
func program(t *testing.T, args ...string) (*exec.Cmd, *lines) {
	t.Helper()
	return programWith(t, nil, args...)
}

// programWith is program with variables in the environment.
func programWith(t *testing.T, variables []string, args ...string) (*exec.Cmd, *lines) {
	t.Helper()
	log := newLines()
	command := exec.CommandContext(t.Context(), os.Args[0], append(args, "--web.listen-address=127.0.0.1:0")...)
	command.Env, command.Stderr = append(append(os.Environ(), asProgram+"=1"), variables...), log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return command, log
}

// terminate sends SIGTERM and requires an exit without an error, within the
// promised five seconds.
func terminate(t *testing.T, command *exec.Cmd) {
	t.Helper()
	begin := time.Now()
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("exit: want 0, have %v", err)
	}
	if took := time.Since(begin); took >= 5*time.Second {
		t.Errorf("the end took %v, want less than 5s", took)
	}
}

// A start that waits for its file ends on SIGTERM.
func TestSignalEndsAStartThatWaitsForItsFile(t *testing.T) {
	command, log := program(t, "--conf="+pipeInPlaceOf(t, "exporter.conf"))
	log.await(t, regexp.MustCompile(`msg="Reading configuration" file=\S+/exporter.conf`))
	terminate(t, command)
}

// A configuration may come through a pipe, such as from a secret store.
func TestFileThatIsAPipe(t *testing.T) {
	_, conf := cloud(t)
	content, err := os.ReadFile(strings.TrimPrefix(conf, "--conf="))
	if err != nil {
		t.Fatal(err)
	}
	path := pipeInPlaceOf(t, "exporter.conf")
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, content, 0o600) }()
	exporter := start(t, "--conf="+path)
	if err := <-written; err != nil {
		t.Error(err)
	}
	if code, body := exporter.get(t, "/-/healthy"); code != 200 {
		t.Errorf("want 200, have %d: %s", code, body)
	}
}
