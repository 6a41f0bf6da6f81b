package web

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Any number of clients that do not speak TLS makes one line, and other errors are
// logged separately.
func TestFailedHandshakesAreOneLine(t *testing.T) {
	reader, writer := io.Pipe()
	t.Cleanup(func() { writer.Close() })
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of tune") }))
	server.Config.ErrorLog = slog.NewLogLogger(newServerErrors(slog.New(slog.NewTextHandler(writer, nil))), slog.LevelWarn)
	server.StartTLS()
	t.Cleanup(server.Close)

	for range 50 {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(connection, "GET / HTTP/1.1\r\n\r\n")
		_, _ = io.ReadAll(connection) // until the server has given up
		connection.Close()
	}
	if response, err := server.Client().Get(server.URL); err == nil {
		response.Body.Close()
		t.Error("a handler that panics answered")
	}
	server.Close()
	writer.Close()
	var have []string
	for line := range lines {
		if _, message, found := strings.Cut(line, "msg="); found {
			have = append(have, message)
		}
	}
	want := []string{`"TLS handshake failed" err="http: TLS handshake error from `, `"HTTP server failed" err="http: panic serving `}
	if len(have) != len(want) || !strings.HasPrefix(have[0], want[0]) || !strings.HasPrefix(have[1], want[1]) {
		t.Errorf("log: want one line each that begins with %q, have:\n%s", want, strings.Join(have, "\n"))
	}
}
