// Package logwriter keeps the reader of the log from holding up the exporter.
//
// The log goes to standard error, which may be a pipe whose reader is slow or gone,
// or a full disk. A write there blocks, and with it the request, the refresh or the
// shutdown that logs. So lines are queued and one goroutine writes them; if it
// cannot keep up, the oldest lines are dropped and counted. The package must not
// know what a line says or why.
package logwriter

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// maxQueued is the most bytes in the queue: some 5,000 lines, or what a
	// thousand failing sources log in a minute.
	maxQueued = 1 << 20
	// patience is how long Close waits for the remaining lines. With the four
	// seconds that the rest of a shutdown may take, it stays under five.
	patience = 500 * time.Millisecond
)

// Writer is an io.Writer that never blocks and never fails. Each call of Write is
// one line. It is safe for concurrent use.
type Writer struct {
	to     io.Writer
	notice func(lines int) []byte
	ended  chan struct{} // closed when the goroutine has ended
	wake   chan struct{} // holds one token if there is something new

	mu     sync.Mutex
	queue  [][]byte
	queued int // bytes
	lost   int // lines since the last notice
	closed bool
}

// New returns a Writer that writes to to, which may block and fail. In place of
// missing lines it writes notice, a line that says how many there are. The caller
// must call Close.
func New(to io.Writer, notice func(lines int) []byte) *Writer {
	w := &Writer{to: to, notice: notice, ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	go w.run()
	return w
}

// Write queues a copy of the line.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return len(line), nil
	}
	for len(w.queue) > 0 && w.queued+len(line) > maxQueued {
		w.pop()
		w.lost++
	}
	w.queue = append(w.queue, bytes.Clone(line))
	w.queued += len(line)
	w.signal()
	return len(line), nil
}

// Close returns once all lines are written, or after half a second: a write that
// still blocks ends with the process. Later lines are dropped.
func (w *Writer) Close() {
	w.mu.Lock()
	w.closed = true
	w.signal()
	w.mu.Unlock()
	select {
	case <-w.ended:
	case <-time.After(patience):
	}
}

// signal wakes run. It is called with the lock held.
func (w *Writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// pop removes the oldest line. It is called with the lock held.
func (w *Writer) pop() []byte {
	line := w.queue[0]
	w.queue[0] = nil // so that the array does not keep the line alive
	w.queue = w.queue[1:]
	w.queued -= len(line)
	return line
}

// run writes until the Writer is closed and the queue is empty.
func (w *Writer) run() {
	defer close(w.ended)
	for range w.wake {
		for line, lost := w.next(); line != nil; line, lost = w.next() {
			w.put(line, lost)
		}
		if w.done() {
			return
		}
	}
}

// next returns the oldest line, or nil if there is none, and how many lines are
// missing before it.
func (w *Writer) next() (line []byte, lost int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return nil, 0
	}
	lost, w.lost = w.lost, 0
	return w.pop(), lost
}

func (w *Writer) done() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed && len(w.queue) == 0
}

// put writes a line, after a notice if others are missing before it. A line that
// cannot be written counts as missing, too.
func (w *Writer) put(line []byte, lost int) {
	if lost > 0 {
		if _, err := w.to.Write(w.notice(lost)); err != nil {
			w.lose(lost + 1)
			return
		}
	}
	if _, err := w.to.Write(line); err != nil {
		w.lose(1)
	}
}

func (w *Writer) lose(lines int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost += lines
}
