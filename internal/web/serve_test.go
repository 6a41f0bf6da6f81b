package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipes is a listener for connections in memory that are sent on it, so that a
// bubble of testing/synctest knows when all are blocked.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	connection, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return connection, nil
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

// outcome is what happens to a request that is in flight when the server drains.
type outcome struct {
	Body    string        // "" if it was cut off
	After   time.Duration // since its beginning, which is the drain's
	Drained bool
	Warned  bool
}

// drainDuring drains a server with one request in flight. Its handler gets the
// channel that OnDrain closes.
func drainDuring(t *testing.T, handle func(w http.ResponseWriter, r *http.Request, draining <-chan struct{})) outcome {
	t.Helper()
	begun, draining, ended := make(chan struct{}), make(chan struct{}), make(chan struct{}, 2)
	listener, server := make(pipes), &http.Server{}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		handle(w, r, draining)
	})
	client := &http.Transport{DialContext: listener.dial}
	defer client.CloseIdleConnections()
	go func() {
		_ = server.Serve(listener)
		ended <- struct{}{}
	}()
	var have outcome
	begin := time.Now()
	go func() {
		have.Body = get(t, client)
		have.After = time.Since(begin)
		ended <- struct{}{}
	}()
	<-begun
	var log bytes.Buffer
	Server{Log: slog.New(slog.NewTextHandler(&log, nil)), OnDrain: func() { close(draining) }}.drain(server)
	<-ended
	<-ended
	select {
	case <-draining:
		have.Drained = true
	default:
	}
	have.Warned = strings.Contains(log.String(), "level=WARN")
	return have
}

// get returns the body of a response, or "" if none arrives.
func get(t *testing.T, client http.RoundTripper) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://exporter/", nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	response, err := client.RoundTrip(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// A shutdown by signal takes less than five seconds, of which the final push may
// take one.
func TestDrain(t *testing.T) {
	const known = "what is known"
	tests := map[string]struct {
		handle func(w http.ResponseWriter, r *http.Request, draining <-chan struct{})
		want   outcome
	}{
		"a refresh that ends in time is waited for": {
			func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
				time.Sleep(time.Second)
				_, _ = io.WriteString(w, known)
			}, outcome{Body: known, After: time.Second},
		},
		"one that does not is ended, and its scrape answered": {
			func(w http.ResponseWriter, _ *http.Request, draining <-chan struct{}) {
				<-draining
				_, _ = io.WriteString(w, known)
			}, outcome{Body: known, After: 2 * time.Second, Drained: true},
		},
		"a request that nothing ends is cut off": {
			func(_ http.ResponseWriter, r *http.Request, _ <-chan struct{}) { <-r.Context().Done() },
			outcome{After: 3 * time.Second, Drained: true, Warned: true},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(test.want, drainDuring(t, test.handle)); diff != "" {
					t.Errorf("(-want +have):\n%s", diff)
				}
			})
		})
	}
}
