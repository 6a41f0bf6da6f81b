package web

import (
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
)

// serveBound serves on connections in memory, up to the limit. A request for /slow
// is reported on asked and answered once answer is closed.
func serveBound(t *testing.T, limit int) (listener pipes, asked, answer chan struct{}) {
	t.Helper()
	listener, asked, answer = make(pipes), make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/slow" {
			return
		}
		asked <- struct{}{}
		select {
		case <-answer:
		case <-r.Context().Done():
		}
	})
	server := &http.Server{Handler: handler, ConnState: (&connections{limit: limit}).state}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener, asked, answer
}

// connect opens a connection and returns it once the server has counted it.
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

// Connections without a request make room for those with one, the oldest first;
// those in use are kept, and no more are closed than necessary.
func TestConnectionsThatAskNothingLockNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener, asked, answer := serveBound(t, 3)
		slow := connect(t, listener)
		ask(t, slow, "/slow")
		<-asked
		first, second := connect(t, listener), connect(t, listener)
		for range 20 {
			another := connect(t, listener)
			ask(t, another, "/")
			requireAnswer(t, another)
			another.Close()
			synctest.Wait()
		}
		requireClosed(t, first)
		ask(t, second, "/")
		requireAnswer(t, second)
		close(answer)
		requireAnswer(t, slow)
	})
}

// An idle connection makes room, like one that has not sent a request yet.
func TestIdleConnectionMakesPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener, _, _ := serveBound(t, 1)
		idle := connect(t, listener)
		ask(t, idle, "/")
		requireAnswer(t, idle)
		go func() { _, _ = io.Copy(io.Discard, idle) }() // the rest of the answer
		synctest.Wait()
		another := connect(t, listener)
		ask(t, another, "/")
		requireAnswer(t, another)
	})
}

// While all connections are in use, a new one is closed.
func TestConnectionBeyondTheLimitIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener, asked, answer := serveBound(t, 1)
		slow := connect(t, listener)
		ask(t, slow, "/slow")
		<-asked
		requireClosed(t, connect(t, listener))
		close(answer)
		requireAnswer(t, slow)
	})
}

func TestLimitOfConnections(t *testing.T) {
	for descriptors, want := range map[int]int{0: 1000, 128: 64, 1024: 512, 1 << 20: 1000} {
		if have := connectionLimit(descriptors); have != want {
			t.Errorf("%d descriptors: want %d connections, have %d", descriptors, want, have)
		}
	}
}
