//go:build unix

package app

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// piped is the program with its standard error in a pipe that the test may or may
// not read.
type piped struct {
	exporter
	command *exec.Cmd
	log     *os.File
	path    string // path of the pipe
}

// pipe starts the program and reads its log until it listens.
func pipe(t *testing.T, args ...string) *piped {
	t.Helper()
	p := &piped{path: pipeInPlaceOf(t, "stderr")}
	var err error
	if p.log, err = os.OpenFile(p.path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.log.Close() })
	// Open it as a shell does, so that a write blocks while the pipe is full.
	descriptor, err := syscall.Open(p.path, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.NewFile(uintptr(descriptor), p.path)
	defer stderr.Close()
	p.command = exec.CommandContext(t.Context(), os.Args[0], append(args, "--web.listen-address=127.0.0.1:0")...)
	p.command.Env, p.command.Stderr = append(os.Environ(), asProgram+"=1"), stderr
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	p.url = "http://" + p.await(t, `msg="Listening on" address=(\S+)`)
	return p
}

// await waits for a line that matches the pattern and returns its submatch.
func (p *piped) await(t *testing.T, pattern string) string {
	t.Helper()
	if err := p.log.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	expression := regexp.MustCompile(pattern)
	scanner := bufio.NewScanner(p.log)
	for scanner.Scan() {
		if match := expression.FindStringSubmatch(scanner.Text()); match != nil {
			return match[len(match)-1]
		}
	}
	t.Fatalf("no line matches %s: %v", pattern, scanner.Err())
	return ""
}

// fill fills the pipe to its last byte.
func (p *piped) fill(t *testing.T) {
	t.Helper()
	descriptor, err := syscall.Open(p.path, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(descriptor)
	for _, block := range [][]byte{bytes.Repeat([]byte("full\n"), 819), {'\n'}} {
		for err = nil; err == nil; {
			_, err = syscall.Write(descriptor, block)
		}
		if !errors.Is(err, syscall.EAGAIN) {
			t.Fatal(err)
		}
	}
}

// hangUp sends SIGHUP, so that the program writes a line.
func (p *piped) hangUp(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// SIGHUP reloads the configuration and never ends the program.
func TestSIGHUPReloads(t *testing.T) {
	_, conf := cloud(t)
	p := pipe(t, conf)
	for _, step := range []struct{ from, to, log string }{
		{"region =", "regoin =", `msg="(Configuration refused; the previous one is still in use)" err=".*did you mean`},
		{"regoin =", "region =", `msg="(Configuration reloaded)" accounts=1`},
	} {
		edit(t, conf, step.from, step.to)
		p.hangUp(t)
		p.await(t, step.log)
	}
	if code, body := p.get(t, "/-/healthy"); code != 200 {
		t.Errorf("want 200, have %d: %s", code, body)
	}
	terminate(t, p.command)
}

// A reader of the log that exits, as head does, does not end the exporter.
func TestClosedLogPipeDoesNotEndTheProcess(t *testing.T) {
	sim, conf := cloud(t)
	sim.Always("", "", cloudsim.Error("UnauthorizedOperation", "no"))
	p := pipe(t, conf)
	p.log.Close()
	for _, kind := range source.Kinds() {
		p.hangUp(t)
		if code, body := p.get(t, kind.Path); code != 200 || !strings.Contains(body, kind.Prefix+`_up{region="ap-guangzhou"} 0`) {
			t.Errorf("%s: want 200 and %s_up 0, have %d: %s", kind.Path, kind.Prefix, code, body)
		}
	}
	terminate(t, p.command)
}

// A log that nobody reads may stop the exporter, but it does not outlive SIGTERM.
func TestSIGTERMEndsTheProcessWhileTheLogIsBlocked(t *testing.T) {
	t.Parallel()
	_, conf := cloud(t)
	p := pipe(t, conf)
	p.fill(t)
	p.hangUp(t) // it logs, and so waits for the pipe
	begin := time.Now()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := p.command.Wait()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("want an end within 5s, have one after %v: %v", took, err)
	}
}

// The line that says why the process ends is written, although it is the last.
func TestFatalErrorReachesTheLog(t *testing.T) {
	command := exec.CommandContext(t.Context(), os.Args[0], "--conf=/nowhere/exporter.conf")
	command.Env = append(os.Environ(), asProgram+"=1")
	output, err := command.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed {
		t.Errorf("exit code: want %d, have %v", exitFailed, err)
	}
	if !strings.Contains(string(output), "datahub_exporter: error: read configuration /nowhere/exporter.conf") {
		t.Errorf("want the reason, have:\n%s", output)
	}
}
