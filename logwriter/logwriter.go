// Package logwriter keeps the reader of the log from holding up the exporter.
//
// A log goes to standard error, which may be a pipe whose reader is slow or gone,
// or a disk that is full. A write there waits, and with it the request, the
// refresh or the end that has something to tell. So lines are queued, one
// goroutine writes them, and if it cannot keep up lines are lost, the oldest
// first, and counted. The package must not know what a line says or why.
package logwriter

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// maxQueued is the most bytes that wait: some 5,000 lines, or what a minute
	// of a thousand failing sources has to tell.
	maxQueued = 1 << 20
	// patience is how long Close waits for the lines that are left. With the four
	// seconds that the end of the exporter may take otherwise it stays under five.
	patience = 500 * time.Millisecond
)

// Writer is an io.Writer that never waits and never fails. Each call of Write is
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

// New returns a Writer that writes to to, which may wait and fail. Where lines
// are missing it writes notice, a line that says how many. The caller must call
// Close.
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

// Close returns once all lines are written, or after half a second: the write
// that waits then ends with the process. Lines that come later are dropped.
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

// signal is called with the lock held.
func (w *Writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// pop is called with the lock held.
func (w *Writer) pop() []byte {
	line := w.queue[0]
	w.queue[0] = nil // the array keeps no line that is written
	w.queue = w.queue[1:]
	w.queued -= len(line)
	return line
}

// run writes until the Writer is closed and the queue empty.
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

// next returns the oldest line, nil if there is none, and how many lines are
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

// put writes a line, and before it that others are missing. What cannot be
// written is missing, too.
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
