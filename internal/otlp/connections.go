package otlp

import (
	"bufio"
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"google.golang.org/grpc"
)

const (
	// connectTimeout bounds a dial, and the opening of a proxy's tunnel, so that another
	// address or another try has its turn within the timeout of a push.
	connectTimeout = 3 * time.Second
	// maxConnAge is how old a connection may get, so that a moved name is noticed.
	maxConnAge = 3 * time.Minute
)

// connections are those of one exporter, which uses one at a time.
type connections struct {
	net.Dialer
	proxy  *url.URL      // of gRPC; nil for none
	maxAge time.Duration // at which a connection is closed between two pushes

	mu     sync.Mutex
	last   net.Conn // nil before the first
	opened time.Time
}

// dial opens a connection.
func (c *connections) dial(ctx context.Context, network, address string) (net.Conn, error) {
	opened, err := c.DialContext(ctx, network, address)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = opened // nil if it failed: the error names the address
	c.opened = time.Now()
	return opened, err
}

// closeOlder closes the connection if it is as old as age, so that the next try or
// push uses a new one.
func (c *connections) closeOlder(age time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && time.Since(c.opened) >= age {
		_ = c.last.Close()
	}
}

// peer returns the address of the connection, or "" if there was none.
func (c *connections) peer() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		return ""
	}
	return c.last.RemoteAddr().String()
}

// limit makes what is read and written fail after a time; 0 is no limit.
func (c *connections) limit(timeout time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if c.last != nil {
		_ = c.last.SetDeadline(deadline)
	}
}

// intercept closes the connection after a call over gRPC that failed: it may lead to
// one of several receivers, which is ill.
func (c *connections) intercept(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	err := invoke(ctx, method, request, reply, conn, options...)
	if err != nil {
		c.closeOlder(0)
	}
	return err
}

// dialGRPC connects to a collector, through the proxy if there is one. By gRPC's own
// way, a proxy that does not answer would block all later pushes.
func (c *connections) dialGRPC(ctx context.Context, address string) (net.Conn, error) {
	if c.proxy == nil {
		return c.dial(ctx, "tcp", address)
	}
	port := c.proxy.Port()
	if port == "" {
		port = "80"
	}
	opened, err := c.dial(ctx, "tcp", net.JoinHostPort(c.proxy.Hostname(), port))
	if err != nil {
		return nil, err
	}
	c.limit(c.Timeout)
	tunnel, err := openTunnel(ctx, opened, c.proxy, address)
	if err != nil {
		_ = opened.Close()
		return nil, err
	}
	c.limit(0)
	return tunnel, nil
}

// openTunnel has the proxy open a tunnel to an address.
func openTunnel(ctx context.Context, opened net.Conn, proxy *url.URL, address string) (net.Conn, error) {
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Host: address}, Header: http.Header{}}
	if proxy.User != nil {
		password, _ := proxy.User.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password)))
	}
	if err := request.Write(opened); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(opened)
	response, err := http.ReadResponse(reader, request) //nolint:bodyclose // what follows its head is the tunnel's
	if err != nil {
		return nil, sanitize(err)
	}
	return tunnelConn{opened, reader}, refuseTunnel(ctx, proxy, request, response)
}

// tunnelConn is a connection of which the reader may have read more than the proxy's
// answer.
type tunnelConn struct {
	net.Conn
	reader *bufio.Reader
}

// Read implements net.Conn.
func (t tunnelConn) Read(block []byte) (int, error) { return t.reader.Read(block) }
