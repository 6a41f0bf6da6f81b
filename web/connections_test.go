package web

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// dial opens a connection and returns it once the server has counted it.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

// closed waits until the server has closed a connection.
func closed(t *testing.T, connection net.Conn) {
	t.Helper()
	if _, err := connection.Read(make([]byte, 1)); err == nil {
		t.Error("want a closed connection, have an answer")
	}
}

// Connections that ask nothing make place for those that do, the oldest first;
// those in use are kept.
func TestConnectionsThatAskNothingLockNobodyOut(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			asked <- struct{}{}
			<-answer
		}
	}))
	bound := &connections{limit: 3}
	server.Config.ConnState = bound.state
	server.Start()
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()

	slow := dial(t, address)
	if _, err := io.WriteString(slow, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	first, second := dial(t, address), dial(t, address)
	for range 20 {
		response, err := http.Get("http://" + address + "/")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	}
	closed(t, first)
	close(answer)
	status := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(slow, status); err != nil || string(status) != "HTTP/1.1 200" {
		t.Errorf("the request under way: want HTTP/1.1 200, have %q, %v", status, err)
	}
	_ = second
}

// While all connections are in use, a new one is closed.
func TestConnectionBeyondTheLimitIsClosed(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-answer
	}))
	bound := &connections{limit: 1}
	server.Config.ConnState = bound.state
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(answer) })
	address := server.Listener.Addr().String()
	slow := dial(t, address)
	if _, err := io.WriteString(slow, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	closed(t, dial(t, address))
}

func TestLimitOfConnections(t *testing.T) {
	for descriptors, want := range map[int]int{0: 1000, 128: 64, 1024: 512, 1 << 20: 1000} {
		if have := newConnections(descriptors).limit; have != want {
			t.Errorf("%d descriptors: want %d connections, have %d", descriptors, want, have)
		}
	}
}
