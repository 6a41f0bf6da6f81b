// Package stdlog keeps libraries from writing past the exporter's log.
//
// net/http writes to the standard logger, and gRPC to a logger of its own. Both
// quote what a peer sent: the rest of a response that is longer than it declares
// ends up there, and with it any password in it. Both write to standard error,
// whatever --log.level and --log.format say, and as often as the peer likes.
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

// interval is how often each place in the code is logged.
const interval = time.Minute

// Redirect sends the standard logger's output to to. Of each line it logs the place
// in the code, at once and then at most once a minute for each place, and drops the
// text. It changes the logger of the whole process, so only main should call it.
func Redirect(to *slog.Logger) {
	log.SetPrefix("")
	log.SetFlags(log.Llongfile) // so that each line begins with its place
	log.SetOutput(newWriter(to, time.Now))
}

// CaptureGRPC sends the errors of gRPC's own logger where Redirect says, or nowhere
// before that, and drops everything below an error. It must be called before any
// use of gRPC, which reads its logger without a lock.
func CaptureGRPC() {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, grpcErrors{}))
}

// grpcErrors is the output of gRPC's logger.
type grpcErrors struct{}

// Write drops the line and logs that there was one. It never fails.
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
	// told has the places that lines came from, of which the code has a limited
	// number.
	told map[string]*limit
}

// limit is when a place was last logged, and how many lines came since.
type limit struct {
	logged time.Time
	silent int
}

func newWriter(to *slog.Logger, now func() time.Time) *writer {
	return &writer{log: to, now: now, told: map[string]*limit{}}
}

// Write drops the line and logs where it came from. It never fails.
func (w *writer) Write(line []byte) (int, error) {
	w.tell(place(string(line)))
	return len(line), nil
}

// tell logs that there was a line, or counts it for the next time.
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

// place returns the last two elements of the path that log.Llongfile puts before a
// text, and the line number: http/transport.go:2482. They come from the compiler,
// not from a peer.
func place(line string) string {
	file, rest, _ := strings.Cut(line, ".go:")
	number, _, found := strings.Cut(rest, ": ")
	if !found {
		return "unknown"
	}
	directory, name := path.Split(file)
	return path.Base(directory) + "/" + name + ".go:" + number
}
