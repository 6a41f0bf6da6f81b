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

// serveBounded serves a handler as Server does, on connections in memory.
func serveBounded(t *testing.T, longest time.Duration, handler http.HandlerFunc) pipes {
	t.Helper()
	listener := make(pipes)
	server := Server{Handler: handler, Log: slog.New(slog.DiscardHandler), Longest: longest, Listening: func(net.Addr) {}}.bounded(t.Context())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener
}

// A header of more than 64 KiB is refused before all of it has been read.
func TestLongHeadsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := serveBounded(t, time.Second, func(http.ResponseWriter, *http.Request) { t.Error("want no request") })
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
			t.Errorf("the rest of the head: want %v, have %v", io.ErrClosedPipe, err)
		}
	})
}

// A client that does not finish its header is cut off after five seconds.
func TestClientThatSendsNoHeadIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := serveBounded(t, time.Hour, func(http.ResponseWriter, *http.Request) { t.Error("want no request") })
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
	const longest = 8 * time.Second
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		listener := serveBounded(t, longest, func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			failed <- err
		})
		connection := connect(t, listener)
		begin := time.Now()
		ask(t, connection, "/")
		if err := <-failed; err == nil {
			t.Error("want an answer that cannot be written")
		}
		if have, want := time.Since(begin), longest+10*time.Second; have != want {
			t.Errorf("want the end after %v, have %v", want, have)
		}
	})
}

// Scrapes beyond the limit are refused, and do not affect health checks. Narrowed
// ones take no place from scrapes of everything.
func TestScrapesAtOnceAreBounded(t *testing.T) {
	shares := sharesOf(connectionLimit(descriptors()))
	tests := map[string]struct {
		query string // query of the waiting scrapes
		most  int
		codes map[string]int // of other scrapes meanwhile, by query
	}{
		"of everything": {"", shares.whole, map[string]int{"": 503, "?account=x": 200}},
		"narrowed":      {"?region=x", shares.narrowed, map[string]int{"": 200, "?account=x": 503, "?name[]=x": 503, "?other=x": 200}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kinds := source.Kinds()
			waiting, answer := make(chan struct{}, test.most), make(chan struct{})
			slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == strings.TrimPrefix(test.query, "?") {
					waiting <- struct{}{}
					<-answer
				}
			})
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
			for range test.most {
				scraping.Go(func() {
					if code := get(kinds[0].Path + test.query); code != http.StatusOK {
						t.Errorf("a scrape within the limit: want 200, have %d", code)
					}
				})
			}
			for range test.most {
				<-waiting
			}
			for query, want := range test.codes {
				if have := get(kinds[0].Path + query); have != want {
					t.Errorf("%s%s beside as many as may be: want %d, have %d", kinds[0].Path, query, want, have)
				}
			}
			for _, path := range []string{kinds[1].Path, kinds[1].Path + test.query, "/metrics", "/-/healthy", "/-/ready"} {
				if have := get(path); have != http.StatusOK {
					t.Errorf("%s beside as many as may be: want 200, have %d", path, have)
				}
			}
			close(answer)
			scraping.Wait()
			if code := get(kinds[0].Path); code != http.StatusOK {
				t.Errorf("a scrape after them: want 200, have %d", code)
			}
		})
	}
}

// All requests that may be answered at once leave connections for health checks.
func TestRequestsAtOnceLeaveConnections(t *testing.T) {
	for _, connections := range []int{maxConnections, 512, 64} {
		shares := sharesOf(connections)
		if most := 2*shares.whole + 2*shares.narrowed + 2*shares.readers + shares.discoverers; most >= connections {
			t.Errorf("%d connections, and %d requests at once", connections, most)
		}
	}
}
