package logging

import (
	"errors"
	"io"
	"log"
	"log/slog"
	"path"
	"strings"

	"google.golang.org/grpc/grpclog"
)

// errOmitted stands for a line that may quote what a peer sent: the rest of a
// response that is longer than it declares ends up in one, and with it any password
// in it.
var errOmitted = errors.New("the text is omitted because it may quote a peer")

// RedirectStandard sends the standard logger, which net/http writes to, to a log. A
// line becomes the line of code that it came from, without its text; what repeats is
// limited. It changes the logger of the whole process.
func RedirectStandard(to *slog.Logger) {
	log.SetPrefix("")
	log.SetFlags(log.Llongfile) // so that each line begins with its line of code
	log.SetOutput(standard{NewRepeatLimiter(to, "A library wrote to a log of its own")})
}

// SilenceGRPC drops what gRPC logs, which quotes peers; its errors reach us as
// errors. It must be called before any use of gRPC, which reads its logger without a
// lock.
func SilenceGRPC() {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
}

// standard is the output of the standard logger.
type standard struct{ limiter *RepeatLimiter }

// Write drops the line and logs where it came from. It never fails.
func (s standard) Write(line []byte) (int, error) {
	s.limiter.Failed(errOmitted, "from", caller(string(line)))
	return len(line), nil
}

// caller returns the last two elements of the path that log.Llongfile puts before a
// text, and the line number: http/transport.go:2482. They come from the compiler,
// not from a peer.
func caller(line string) string {
	file, rest, _ := strings.Cut(line, ".go:")
	number, _, found := strings.Cut(rest, ": ")
	if !found {
		return "unknown"
	}
	directory, name := path.Split(file)
	return path.Base(directory) + "/" + name + ".go:" + number
}
