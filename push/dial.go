package push

import (
	"context"
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
	return cutting{connection, context.AfterFunc(d.ended, func() { _ = connection.Close() })}, nil
}

// cutting is a connection that is closed when the dialer has ended.
type cutting struct {
	net.Conn
	forget func() bool
}

// Close implements net.Conn.
func (c cutting) Close() error {
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
