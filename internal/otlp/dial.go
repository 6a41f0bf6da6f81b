package otlp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// connectTimeout bounds one attempt to connect.
const connectTimeout = 5 * time.Second

// dialer connects one pusher to the collector, through the proxy if there is one.
// gRPC can do both, but it reads a proxy's response without a limit in size or
// time, and at the end it waits five seconds for a collector that reads nothing.
type dialer struct {
	proxy *url.URL // nil: none
	// ended is done when the connection is to be closed, whatever is in flight.
	ended context.Context

	mu     sync.Mutex
	forget func() bool // stops watching ended for the previous connection
}

// passthrough makes gRPC hand a host and port to the dialer unresolved: the proxy
// resolves the name, or, without one, each dial does.
func passthrough(target string) string {
	if strings.HasPrefix(target, "unix:") {
		return target
	}
	return "passthrough:///" + target
}

func (d *dialer) option() grpc.DialOption { return grpc.WithContextDialer(d.dial) }

// dial returns a *net.TCPConn where it can: only on that does gRPC set how long
// sent data may stay unacknowledged.
func (d *dialer) dial(ctx context.Context, target string) (net.Conn, error) {
	connection, err := d.connect(ctx, target)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forget != nil { // there is one address, so gRPC has given up the previous connection
		d.forget()
	}
	d.forget = context.AfterFunc(d.ended, func() { _ = connection.Close() })
	return connection, nil
}

// dialHTTP dials for net/http, which lets a dial go on after its request has ended.
func (d *dialer) dialHTTP(ctx context.Context, _, target string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	defer context.AfterFunc(d.ended, cancel)()
	connection, err := d.connect(ctx, target)
	if err != nil {
		return nil, dialFailure{err}
	}
	return &cutting{Conn: connection, forget: context.AfterFunc(d.ended, func() { _ = connection.Close() })}, nil
}

// errHTTP2 says that a server speaks only HTTP/2.
var errHTTP2 = errors.New("the answer is HTTP/2, as of gRPC")

// cutting is an HTTP/1.1 connection that is closed when the dialer has ended.
type cutting struct {
	net.Conn
	forget func() bool
	read   bool
}

// Read implements net.Conn. It detects HTTP/2, whose server sends a SETTINGS frame
// as soon as it is connected: net/http would find it before or after its request,
// and quote it to the standard logger.
func (c *cutting) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	begins := !c.read
	c.read = true
	// A SETTINGS frame has three bytes of length, type 4, and 0 for flags and stream.
	if begins && n >= 9 && into[0] == 0 && bytes.Equal(into[3:9], []byte{4, 0, 0, 0, 0, 0}) {
		return 0, errHTTP2
	}
	return n, err
}

// Close implements net.Conn.
func (c *cutting) Close() error {
	c.forget()
	return c.Conn.Close()
}

func (d *dialer) connect(ctx context.Context, target string) (net.Conn, error) {
	var direct net.Dialer
	if socket, ok := strings.CutPrefix(target, "unix:"); ok {
		return direct.DialContext(ctx, "unix", strings.TrimPrefix(socket, "//"))
	}
	if d.proxy == nil {
		return direct.DialContext(ctx, "tcp", target)
	}
	connection, err := direct.DialContext(ctx, "tcp", proxyAddress(d.proxy))
	if err != nil {
		return nil, err
	}
	if err := tunnel(ctx, connection, d.proxy, target); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return connection, nil
}
