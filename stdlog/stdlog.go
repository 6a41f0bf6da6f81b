// Package stdlog keeps libraries from writing past the exporter's log.
//
// net/http writes to the standard logger, and gRPC to a logger of its own. Both
// quote what a peer sent: an answer that is longer than it says ends there, and
// with it the passwords that it carries. Both write to standard error, whatever
// --log.level and --log.format say, and as often as the peer likes.
package stdlog

import (
	"io"
	"log"
	"log/slog"
	"path"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/grpclog"
)

// interval is how often each place in the code is spoken of.
const interval = time.Minute

// Redirect makes the standard logger go through to. Of what is written there it
// tells the place in the code, at once and then once a minute at the most for
// each, and drops the text. It changes the logger for the whole process, so it is
// for main.
func Redirect(to *slog.Logger) {
	log.SetPrefix("")
	log.SetFlags(log.Llongfile) // so that each line begins with its place
	log.SetOutput(newWriter(to, time.Now))
}

// CaptureGRPC makes the errors of gRPC's own logger go where Redirect says, or
// nowhere before that, and drops what is less than an error. It must come before
// any use of gRPC, which reads its logger without a lock.
func CaptureGRPC() {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, grpcErrors{}))
}

// grpcErrors is the output of gRPC's logger.
type grpcErrors struct{}

// Write drops the line and tells of it. It never fails.
func (grpcErrors) Write(line []byte) (int, error) {
	if w, ok := log.Writer().(*writer); ok {
		w.tell("gRPC")
	}
	return len(line), nil
}

// writer is the output of the standard logger, which writes one line at a time.
// It is safe for concurrent use.
type writer struct {
	log *slog.Logger
	now func() time.Time

	mu sync.Mutex
	// told has the places that lines came from: as many as the code has.
	told map[string]*limit
}

// limit is when a place was last spoken of, and how many lines came since.
type limit struct {
	logged time.Time
	silent int
}

func newWriter(to *slog.Logger, now func() time.Time) *writer {
	return &writer{log: to, now: now, told: map[string]*limit{}}
}

// Write drops the line and tells of it. It never fails.
func (w *writer) Write(line []byte) (int, error) {
	w.tell(place(string(line)))
	return len(line), nil
}

// tell logs that there is a line, or counts it for the next time.
func (w *writer) tell(from string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, last := w.now(), w.told[from]
	switch {
	case last == nil:
		last = &limit{}
		w.told[from] = last
	case now.Sub(last.logged) < interval:
		last.silent++
		return
	}
	w.log.Warn("A library wrote to a log of its own; the text is omitted because it may quote a peer",
		"from", from, "not_logged", last.silent)
	*last = limit{logged: now}
}

// place returns the last two elements of the path that log.Llongfile writes in
// front of a text, and the line number: http/transport.go:2482. The compiler
// wrote them, not a peer.
func place(line string) string {
	file, rest, _ := strings.Cut(line, ".go:")
	number, _, found := strings.Cut(rest, ": ")
	if !found {
		return "unknown"
	}
	directory, name := path.Split(file)
	return path.Base(directory) + "/" + name + ".go:" + number
}
