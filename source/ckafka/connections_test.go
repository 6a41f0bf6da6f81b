package ckafka_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

const noTasks = `{"Response":{"Result":{"TotalCount":0,"TaskList":[]},"RequestId":"r"}}`

// respond returns a handler that sends the same for each call.
func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// breakOff returns a handler that sends a text and closes the connection.
func breakOff(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(connection, text)
		connection.Close()
	}
}

// numberKey is the context key of the number of a connection.
type numberKey struct{}

// nodes serves behind one address until the test ends: the first connection leads to one
// node, all others to another. It returns the address.
func nodes(t *testing.T, first, others http.Handler) string {
	t.Helper()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(numberKey{}) == int64(1) {
			first.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, numberKey{}, connections.Add(1))
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// What a new connection could heal does not outlive the connection: behind one address
// there may be many nodes, and one of them may be ill.
func TestConnectionToASickNodeIsGivenUp(t *testing.T) {
	for name, test := range map[string]struct {
		sick      http.Handler
		refreshes int // until one succeeds
	}{
		"internal error":          {respond(200, `{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r"}}`), 1},
		"503 without a body":      {respond(503, ""), 1},
		"408":                     {respond(408, ""), 1},
		"HTML":                    {respond(200, "<html>sorry</html>"), 2},
		"cut short by its end":    {breakOff("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + noTasks[:40]), 1},
		"cut short in a chunk":    {breakOff("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + noTasks[:10]), 1},
		"cut short by its sender": {respond(200, noTasks[:40]), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := ckafka.NewTransport()
			transport.Proxy = nil
			address := nodes(t, test.sick, respond(200, noTasks))
			tasks := openOn(t, transport, address, source.Options{Timeout: time.Minute, RetryPause: time.Millisecond})
			for refresh := 1; refresh <= test.refreshes; refresh++ {
				if have := tasks.Snapshot(t.Context()); have.Up() != (refresh == test.refreshes) {
					t.Errorf("refresh %d: want up %v, have %v", refresh, !have.Up(), have.Err)
				}
			}
		})
	}
}

// An error about time names the address that did not answer.
func TestTimeoutNamesTheAddress(t *testing.T) {
	address := listen(t, func(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) })
	transport := ckafka.NewTransport()
	transport.Proxy = nil
	have := refresh(t, transport, endpoint.Endpoint{Scheme: "http", Host: address}, source.Options{Timeout: 300 * time.Millisecond})
	if want := "timeout: no complete answer before the deadline, from " + address; have != want {
		t.Errorf("want %q, have %q", want, have)
	}
}

// A page that is canceled because another one failed closes no connection but its own.
func TestCanceledPageClosesNoOtherConnection(t *testing.T) {
	var connections, refreshes atomic.Int64
	hanging := make(chan struct{})
	var mu sync.Mutex
	codes := map[string]int{}
	count := func(call source.CallReport) {
		mu.Lock()
		defer mu.Unlock()
		codes[call.Code]++
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Offset int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		switch {
		case asked.Offset == 0 && refreshes.Add(1) == 1:
			_, _ = io.WriteString(w, `{"Response":{"Result":{"TotalCount":300,"TaskList":[`+strings.Repeat(`{"TaskId":"task-1"},`, 99)+`{"TaskId":"task-1"}]},"RequestId":"r"}}`)
		case asked.Offset == 100:
			<-hanging
			_, _ = io.WriteString(w, `{"Response":{"Error":{"Code":"UnauthorizedOperation","Message":"no"},"RequestId":"r"}}`)
		case asked.Offset == 200:
			close(hanging)
			<-r.Context().Done()
		default:
			_, _ = io.WriteString(w, noTasks)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	transport := ckafka.NewTransport()
	transport.Proxy = nil
	tasks := openOn(t, transport, server.Listener.Addr().String(), source.Options{Timeout: time.Minute, OnCall: count})
	if have := tasks.Snapshot(t.Context()).Err; have == nil || !strings.Contains(have.Error(), "UnauthorizedOperation") {
		t.Errorf("first refresh: want the refused page, have %v", have)
	}
	if have := tasks.Snapshot(t.Context()); !have.Up() {
		t.Errorf("second refresh: %v", have.Err)
	}
	if diff := cmp.Diff(map[string]int{"OK": 2, "UnauthorizedOperation": 1, "canceled": 1}, codes); diff != "" {
		t.Errorf("codes of the calls (-want +have):\n%s", diff)
	}
	if have := connections.Load(); have != 2 {
		t.Errorf("want the 2 connections of the first refresh, one of which serves the second, have %d", have)
	}
}
