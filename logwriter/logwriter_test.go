package logwriter_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"datahub_exporter/logwriter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func notice(lines int) []byte { return fmt.Appendf(nil, "%d lines were dropped\n", lines) }

// output is a writer whose reader may pause or fail.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	stop chan struct{} // a write blocks until it is closed
	err  error         // returned by each write
}

func newOutput() *output {
	o := &output{stop: make(chan struct{})}
	close(o.stop)
	return o
}

func (o *output) Write(line []byte) (int, error) {
	o.mu.Lock()
	stop := o.stop
	o.mu.Unlock()
	<-stop
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	return o.text.Write(line)
}

// block makes writes block until the function that it returns is called.
func (o *output) block() (unblock func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	stop := make(chan struct{})
	o.stop = stop
	return func() { close(stop) }
}

func (o *output) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

func (o *output) lines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Split(strings.TrimSuffix(o.text.String(), "\n"), "\n")
}

// write writes lines of 64 KiB, each of which is its number, padded.
func write(t *testing.T, w *logwriter.Writer, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		line := fmt.Sprintf("%-*d\n", 1<<16-1, i)
		if count, err := w.Write([]byte(line)); count != len(line) || err != nil {
			t.Fatalf("line %d: want %d and no error, have %d and %v", i, len(line), count, err)
		}
	}
}

func numbers(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

func TestAllIsWrittenInOrder(t *testing.T) {
	out := newOutput()
	w := logwriter.New(out, notice)
	line := []byte("first\n")
	_, _ = w.Write(line)
	copy(line, "other\n") // as slog reuses its buffers
	_, _ = w.Write([]byte("second\n"))
	w.Close()
	_, _ = w.Write([]byte("after the end\n"))
	if diff := cmp.Diff([]string{"first", "second"}, out.lines()); diff != "" {
		t.Errorf("(-want +have)\n%s", diff)
	}
}

// The oldest lines are dropped, because the last one matters most: why the exporter
// ends.
func TestTheOldestLinesAreLostAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newOutput()
		unblock := out.block()
		w := logwriter.New(out, notice)
		write(t, w, 0, 1)
		synctest.Wait() // the first line is being written
		write(t, w, 1, 20)
		unblock()
		w.Close()
		// 16 lines of 64 KiB are queued, and one is being written.
		want := []string{"0", "3 lines were dropped"}
		for i := 4; i < 20; i++ {
			want = append(want, strconv.Itoa(i))
		}
		if diff := cmp.Diff(want, numbers(out.lines())); diff != "" {
			t.Errorf("(-want +have)\n%s", diff)
		}
	})
}

func TestLinesThatFailAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newOutput()
		w := logwriter.New(out, notice)
		out.fail(errors.New("no space left on device"))
		for i := range 3 {
			write(t, w, i, i+1)
			synctest.Wait()
		}
		out.fail(nil)
		write(t, w, 3, 4)
		w.Close()
		if diff := cmp.Diff([]string{"3 lines were dropped", "3"}, numbers(out.lines())); diff != "" {
			t.Errorf("(-want +have)\n%s", diff)
		}
	})
}

func TestCloseWaitsForABoundedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newOutput()
		unblock := out.block()
		defer unblock()
		w := logwriter.New(out, notice)
		write(t, w, 0, 100)
		begin := time.Now()
		w.Close()
		if took := time.Since(begin); took != 500*time.Millisecond {
			t.Errorf("want 500ms, have %v", took)
		}
	})
}

func TestManyWriteAtOnce(t *testing.T) {
	out := newOutput()
	w := logwriter.New(out, notice)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 100 {
				_, _ = w.Write([]byte("line\n"))
			}
		})
	}
	writers.Wait()
	w.Close()
	if have := len(out.lines()); have != 800 {
		t.Errorf("want 800 lines, have %d", have)
	}
}
