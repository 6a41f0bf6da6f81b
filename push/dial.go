package push

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

// dialer connects one pusher to the collector, by the proxy if there is one. gRPC
// can do both, but reads what a proxy says without a limit in size or time, and
// waits for five seconds at the end for a collector that reads nothing.
type dialer struct {
	proxy *url.URL // nil: none
	// ended is done when the connection is to be closed, whatever is under way.
	ended context.Context

	mu     sync.Mutex
	forget func() bool // leaves the connection before alone when ended is done
}

// passthrough has gRPC hand a host and port to the dialer as they are: it is the
// proxy that looks a name up, and without one each dial does.
func passthrough(target string) string {
	if strings.HasPrefix(target, "unix:") {
		return target
	}
	return "passthrough:///" + target
}

func (d *dialer) option() grpc.DialOption { return grpc.WithContextDialer(d.dial) }

// dial returns a *net.TCPConn where it can: on no other does gRPC set how long
// what is sent may stay unconfirmed.
func (d *dialer) dial(ctx context.Context, target string) (net.Conn, error) {
	connection, err := d.connect(ctx, target)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.forget != nil { // there is one address, so gRPC has given the one before up
		d.forget()
	}
	d.forget = context.AfterFunc(d.ended, func() { _ = connection.Close() })
	return connection, nil
}

// dialHTTP dials for net/http, which lets a dial go on when its request has ended.
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

// errHTTP2 is what a server of HTTP/2 alone is told by.
var errHTTP2 = errors.New("the answer is HTTP/2, as of gRPC")

// cutting is a connection of HTTP/1.1 that is closed when the dialer has ended.
type cutting struct {
	net.Conn
	forget func() bool
	read   bool
}

// Read implements net.Conn. HTTP/2 begins with a frame SETTINGS, as soon as it is
// connected: net/http would find it before or after its request, and quote it to
// the standard logger.
func (c *cutting) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	begins := !c.read
	c.read = true
	// Its length has three bytes, its type is 4, its flags and its stream are 0.
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
