package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"datahub_exporter/source"
)

// serveInMemory serves a handler as Server does, on connections in memory.
func serveInMemory(t *testing.T, handlerTimeout time.Duration, handler http.Handler) pipes {
	t.Helper()
	listener := make(pipes)
	server := Server{Handler: handler, Log: slog.New(slog.DiscardHandler), HandlerTimeout: handlerTimeout, OnListen: func(net.Addr) {}}.httpServer(t.Context())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener
}

// connect opens a connection and returns it once the server serves it.
func connect(t *testing.T, listener pipes) net.Conn {
	t.Helper()
	connection, err := listener.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	synctest.Wait()
	return connection
}

func ask(t *testing.T, connection net.Conn, path string) {
	t.Helper()
	if _, err := io.WriteString(connection, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
}

// requireAnswer waits for the response to the request.
func requireAnswer(t *testing.T, connection net.Conn) {
	t.Helper()
	status := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(connection, status); err != nil || string(status) != "HTTP/1.1 200" {
		t.Errorf("want HTTP/1.1 200, have %q, %v", status, err)
	}
}

// requireClosed waits until the server has closed a connection.
func requireClosed(t *testing.T, connection net.Conn) {
	t.Helper()
	if _, err := connection.Read(make([]byte, 1)); err == nil {
		t.Error("want a closed connection, have an answer")
	}
}

// A header of more than 64 KiB is refused before all of it has been read.
func TestLongHeadersAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := serveInMemory(t, time.Second, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("want no request") }))
		connection := connect(t, listener)
		sent := make(chan error, 1)
		go func() {
			_, err := connection.Write(append([]byte("GET / HTTP/1.1\r\nHost: x\r\nX-Long: "), bytes.Repeat([]byte("x"), 900_000)...))
			sent <- err
		}()
		answer, err := io.ReadAll(connection)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") {
			t.Errorf("want HTTP/1.1 431, have %q, %v", answer, err)
		}
		if err := <-sent; !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the rest of the header: want %v, have %v", io.ErrClosedPipe, err)
		}
	})
}

// A client that does not finish its header is cut off after five seconds.
func TestClientThatSendsNoHeaderIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := serveInMemory(t, time.Hour, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("want no request") }))
		connection := connect(t, listener)
		begin := time.Now()
		if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n"); err != nil {
			t.Fatal(err)
		}
		requireClosed(t, connection)
		if have := time.Since(begin); have != 5*time.Second {
			t.Errorf("want the end after 5s, have %v", have)
		}
	})
}

// A client that reads nothing of its response is cut off ten seconds after the
// response must have begun, and its handler ends.
func TestClientThatReadsNothingIsCutOff(t *testing.T) {
	const handlerTimeout = 8 * time.Second
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		listener := serveInMemory(t, handlerTimeout, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			failed <- err
		}))
		connection := connect(t, listener)
		begin := time.Now()
		ask(t, connection, "/")
		if err := <-failed; err == nil {
			t.Error("want an answer that cannot be written")
		}
		if have, want := time.Since(begin), handlerTimeout+10*time.Second; have != want {
			t.Errorf("want the end after %v, have %v", want, have)
		}
	})
}

// The health check answers at once, whatever number of scrapes wait and of clients
// read nothing.
func TestHealthDespiteClientsThatReadNothing(t *testing.T) {
	const handlerTimeout = 8 * time.Second
	synctest.Test(t, func(t *testing.T) {
		kind := source.TaskKind()
		scrape := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(handlerTimeout / 2)
			_, _ = w.Write(make([]byte, 1<<20))
		})
		routes, err := Routes(Options{Documented: []Metrics{{kind, scrape}}, Self: http.NotFoundHandler()})
		if err != nil {
			t.Fatal(err)
		}
		listener := serveInMemory(t, handlerTimeout, routes)
		for range 500 {
			ask(t, connect(t, listener), kind.Path)
		}
		begin := time.Now()
		for range 2 { // while the scrapes wait, and while their responses are not read
			health := connect(t, listener)
			ask(t, health, "/-/healthy")
			requireAnswer(t, health)
			health.Close()
			if have := time.Since(begin); have != 0 {
				t.Errorf("want health at once, have it after %v", have)
			}
			time.Sleep(handlerTimeout)
			begin = time.Now()
		}
		time.Sleep(handlerTimeout + sendTimeout) // the clients are cut off
		late := connect(t, listener)
		ask(t, late, kind.Path)
		requireAnswer(t, late)
	})
}

// Scrapes beyond the limit are refused, and affect no other path.
func TestScrapesAtOnceAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kinds := source.Kinds()
		answer := make(chan struct{})
		slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-answer })
		quick := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		routes, err := Routes(Options{Documented: []Metrics{{kinds[0], slow}, {kinds[1], quick}}, Self: quick})
		if err != nil {
			t.Fatal(err)
		}
		get := func(path string) int {
			recorder := httptest.NewRecorder()
			routes.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			return recorder.Code
		}
		var scraping sync.WaitGroup
		for range maxScrapes {
			scraping.Go(func() {
				if code := get(kinds[0].Path); code != http.StatusOK {
					t.Errorf("a scrape within the limit: want 200, have %d", code)
				}
			})
		}
		synctest.Wait()
		for path, want := range map[string]int{
			kinds[0].Path: 503, kinds[0].Path + "?region=x": 503, kinds[1].Path: 200, "/metrics": 200, "/-/healthy": 200, "/-/ready": 200,
		} {
			if have := get(path); have != want {
				t.Errorf("%s with the limit of scrapes in flight: want %d, have %d", path, want, have)
			}
		}
		close(answer)
		scraping.Wait()
		if code := get(kinds[0].Path); code != http.StatusOK {
			t.Errorf("a scrape after them: want 200, have %d", code)
		}
	})
}
