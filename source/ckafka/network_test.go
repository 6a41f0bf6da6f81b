package ckafka_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"datahub_exporter/source/ckafka"
)

// network is a network in memory between one HTTP server and its clients. Within a
// testing/synctest bubble, time stands still while either side works, so no
// deadline depends on the speed of the machine.
type network struct {
	accepting chan net.Conn
	closed    chan struct{}
	closing   sync.Once

	mu     sync.Mutex
	dialed []*forgettable
}

// serve returns a network on which a handler serves until the test ends.
func serve(t *testing.T, handler http.Handler) *network {
	t.Helper()
	w := &network{accepting: make(chan net.Conn), closed: make(chan struct{})}
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close() // the loopback one
	server.Listener = w
	server.Start()
	t.Cleanup(server.Close)
	return w
}

// transport returns the exporter's transport on this network.
func (w *network) transport() *http.Transport {
	transport := ckafka.NewTransport()
	transport.Proxy, transport.DialContext = nil, w.dial
	return transport
}

func (w *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	connection := &forgettable{Conn: client}
	w.mu.Lock()
	w.dialed = append(w.dialed, connection)
	w.mu.Unlock()
	select {
	case w.accepting <- server:
		return connection, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept, Close and Addr make the wire the server's listener.
func (w *network) Accept() (net.Conn, error) {
	select {
	case connection := <-w.accepting:
		return connection, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *network) Close() error {
	w.closing.Do(func() { close(w.closed) })
	return nil
}

func (w *network) Addr() net.Addr { return &net.UnixAddr{Name: "wire"} }

// forget silently loses everything that is sent from now on over the existing
// connections, and returns how many there are. A NAT gateway does this to
// connections that have been idle for long.
func (w *network) forget() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, connection := range w.dialed {
		connection.forgotten.Store(true)
	}
	return len(w.dialed)
}

// dials returns how many connections there were.
func (w *network) dials() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.dialed)
}

// forgettable is a connection that can be made to lose what is written to it.
type forgettable struct {
	net.Conn
	forgotten atomic.Bool
}

func (f *forgettable) Write(sent []byte) (int, error) {
	if f.forgotten.Load() {
		return len(sent), nil
	}
	return f.Conn.Write(sent)
}
