package otlp

import (
	"context"
	"errors"
	"net"
	"net/url"
	"testing"
)

// A proxy that never answers delays a dial no longer than gRPC allows, so that the
// next dial can find a proxy that does.
func TestASilentProxyIsGivenUp(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	dialed := make(chan error, 1)
	silent := &dialer{proxy: &url.URL{Scheme: "http", Host: listener.Addr().String()}, ended: t.Context()}
	go func() {
		_, err := silent.dial(ctx, "collector.example:4317")
		dialed <- err
	}()
	connection, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Read(make([]byte, 1)); err != nil { // the request has arrived
		t.Fatal(err)
	}
	giveUp()
	if err := <-dialed; !errors.Is(err, context.Canceled) { // or the test run times out
		t.Errorf("want %v, have %v", context.Canceled, err)
	}
}
