package logging

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/grpclog"
)

// planted stands for what a peer sent and nobody may read.
const planted = "hunter2"

// redirect redirects both loggers to a log until the test ends.
func redirect(t *testing.T) *buffer {
	t.Helper()
	flags, prefix := log.Flags(), log.Prefix()
	t.Cleanup(func() {
		log.SetFlags(flags)
		log.SetPrefix(prefix)
		log.SetOutput(os.Stderr)
		grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, os.Stderr))
	})
	written := &buffer{}
	SilenceGRPC()
	RedirectStandard(withoutTime(written))
	return written
}

// withoutTime returns a log whose lines have no time.
func withoutTime(to io.Writer) *slog.Logger {
	replace := func(_ []string, attribute slog.Attr) slog.Attr {
		if attribute.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return attribute
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{ReplaceAttr: replace}))
}

func TestLibrariesDoNotWritePastTheLog(t *testing.T) {
	const line = `level=WARN msg="A library wrote to a log of its own" err="the text is omitted because it may quote a peer" `
	const here = line + "from=logging/standard_test.go:N not_logged=0\n"
	tests := map[string]struct {
		write func()
		want  string
	}{
		"standard logger":        {func() { log.Printf("answered with\n%s", planted) }, here},
		"a text like a place":    {func() { log.Printf("%s.go:1: %[1]s: %[1]s", planted) }, here},
		"gRPC's logger":          {func() { grpclog.Errorf("peer said %s", planted) }, ""},
		"a warning of gRPC's":    {func() { grpclog.Warning(planted) }, ""},
		"a line without a place": {func() { _, _ = io.WriteString(log.Writer(), planted) }, line + "from=unknown not_logged=0\n"},
	}
	number := regexp.MustCompile(`\.go:\d+`)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			written := redirect(t)
			test.write()
			if diff := cmp.Diff(test.want, number.ReplaceAllString(written.String(), ".go:N")); diff != "" {
				t.Errorf("log (-want +have):\n%s", diff)
			}
		})
	}
}

// A message of net/http, about a second response on one connection, is logged.
func TestNetHTTPIsLogged(t *testing.T) {
	written := redirect(t)
	hungUp := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer close(hungUp)
		defer connection.Close()
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"+planted)
		_, _ = connection.Read(make([]byte, 1)) // until the client hangs up
	}))
	t.Cleanup(server.Close)
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	<-hungUp
	if have := written.String(); !strings.Contains(have, "from=http/transport.go:") || strings.Contains(have, planted) {
		t.Errorf("log: want a line from http/transport.go without %s, have:\n%s", planted, have)
	}
}

// buffer is a bytes.Buffer that is safe for concurrent use.
type buffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}
