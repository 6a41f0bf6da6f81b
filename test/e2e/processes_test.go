package e2e

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience is the longest that anything is waited for, and glance the polling
// interval.
const (
	patience = 90 * time.Second
	glance   = 50 * time.Millisecond
)

// tool returns the path of a program that tools.sh fetches. If it is missing, the
// test fails: a silently skipped test proves nothing.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(".bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: run make e2e in the top folder, which fetches it (%v)", name, err)
	}
	return path
}

// process is a program that a test starts and that ends with the test.
type process struct {
	command *exec.Cmd
	output  *output
	ended   chan struct{}
	err     error // of Wait, once ended is closed
}

// start starts a program. Its output goes to the log of a failed test.
func start(t testing.TB, env []string, path string, args ...string) *process {
	t.Helper()
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), env...)
	command.Dir = t.TempDir()
	return startCommand(t, command)
}

func startCommand(t testing.TB, command *exec.Cmd) *process {
	t.Helper()
	p := &process{command: command, output: newOutput(), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = p.output, p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.err = p.command.Wait()
		p.output.Close()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s printed last:\n%s", filepath.Base(command.Path), p.output.tail())
		}
	})
	return p
}

// kill kills the process and waits until it has ended.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may already have ended
	<-p.ended
}

// terminate sends SIGTERM to the process and returns how long it took to end and
// its exit error.
func (p *process) terminate(t testing.TB) (time.Duration, error) {
	t.Helper()
	begin := time.Now()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("did not end within %v of SIGTERM", patience)
	}
	return time.Since(begin), p.err
}

// await waits for a line of output that matches the pattern and returns the last
// submatch.
func (p *process) await(t testing.TB, pattern string) string {
	t.Helper()
	return p.awaitWithin(t, patience, pattern)
}

func (p *process) awaitWithin(t testing.TB, longest time.Duration, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	var found string
	within(t, longest, func() error {
		for _, line := range p.output.all() {
			if match := expression.FindStringSubmatch(line); match != nil {
				found = match[len(match)-1]
				return nil
			}
		}
		select {
		case <-p.ended:
			t.Fatalf("ended (%v) before it printed %s", p.err, pattern)
		default:
		}
		return fmt.Errorf("no line matches %s", pattern)
	})
	return found
}

// output keeps the last lines that a process prints.
type output struct {
	*io.PipeWriter
	mu    sync.Mutex
	lines []string
}

const keptLines = 2000

func newOutput() *output {
	reader, writer := io.Pipe()
	o := &output{PipeWriter: writer}
	scanner := bufio.NewScanner(reader)
	scanner.Buffer(nil, 1<<20)
	go func() {
		for scanner.Scan() {
			o.add(scanner.Text())
		}
		reader.CloseWithError(scanner.Err())
	}()
	return o
}

func (o *output) add(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, line)
	if len(o.lines) > keptLines {
		o.lines = o.lines[1:]
	}
}

func (o *output) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.lines...)
}

func (o *output) tail() string {
	lines := o.all()
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

// errNotYet takes the place of a nil error while a condition does not hold yet.
var errNotYet = errors.New("not yet")

// orNotYet returns err, or errNotYet where there is none.
func orNotYet(err error) error { return cmp.Or(err, errNotYet) }

// eventually calls look until it returns nil, and fails with its last error.
func eventually(t testing.TB, look func() error) {
	t.Helper()
	within(t, patience, look)
}

// within is like eventually, for what takes longer.
func within(t testing.TB, longest time.Duration, look func() error) {
	t.Helper()
	deadline, tick := time.After(longest), time.NewTicker(glance)
	defer tick.Stop()
	for {
		err := look()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("not within %v: %v", longest, err)
		case <-tick.C:
		}
	}
}

// loopbacks counts the addresses that freeAddress has returned.
var loopbacks atomic.Uint32

// freeAddress returns an address with a port chosen by the system, for programs
// that do not report their port or must get the same one again. Each address has
// its own loopback IP (Linux has 16 million), so that nothing takes the port before
// the program starts or while it is down.
func freeAddress(t testing.TB) string {
	t.Helper()
	n := loopbacks.Add(1)
	listener, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:0", 1+os.Getpid()%250, 1+n/250, 1+n%250))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// fetch returns the body of a response with status 200.
func fetch(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: want 200, have %s: %s", url, response.Status, body)
	}
	return body, nil
}
