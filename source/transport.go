package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// maxBody is the maximum number of bytes of a body that are read. A real page
	// of 100 tasks takes 130 kB, and one of tasks whose texts all have 128
	// characters 1.1 MB (TestTheLongestPagesArePages).
	maxBody = 2 << 20
	// usualBody is twice the size of a real page.
	usualBody = 256 << 10
	// maxHead is the maximum size of a response's header, for which net/http would
	// take 10 MB. The API's has less than 1 kB.
	maxHead = 64 << 10
	// dialTimeout and handshakeTimeout are net/http's defaults.
	dialTimeout      = 30 * time.Second
	handshakeTimeout = 10 * time.Second
	// idleConnTimeout is longer than the minute between two scrapes, so that a
	// scrape finds its connections open.
	idleConnTimeout = 5 * time.Minute
	// idleConnsPerHost is enough for all connections that a scrape has opened: all
	// regions and accounts have the same host.
	idleConnsPerHost = maxCalls
)

// NewTransport returns the connection pool that all clients share. It honours the
// standard proxy variables (HTTPS_PROXY, NO_PROXY); see CheckProxy. The metadata
// service of a virtual machine is queried directly.
//
// It speaks only HTTP/1.1. There, one connection carries one call, and a server
// says in a response that it will close. An HTTP/2 server ends a connection with
// calls in flight (GOAWAY, RST_STREAM), which net/http then repeats inside one
// round trip, bypassing the quota: thousands of signed requests, of which one is
// counted.
func NewTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: refuseTunnel,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		Protocols:              protocols,
		TLSHandshakeTimeout:    handshakeTimeout,
		MaxResponseHeaderBytes: maxHead,
		IdleConnTimeout:        idleConnTimeout,
		MaxIdleConnsPerHost:    idleConnsPerHost,
	}
}

// exchange is a RoundTripper that keeps the body of a complete response with status
// 200, of a size that a page can have, for the caller and hands the SDK an empty
// one.
//
// The SDK reads a body without a limit, parses it five times, quotes it in its
// errors, leaves an event stream open and forgets the cause of a failed read. So it
// gets an empty body, and every failure becomes a classified *Error.
type exchange struct {
	next   http.RoundTripper
	bodies *bodies
}

// RoundTrip sends the request and reads the whole response. Its error is an *Error.
func (e exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	var progress progress
	request = once(request.Clone(progress.trace(request.Context())))
	response, err := e.next.RoundTrip(request)
	if err != nil {
		e.dropIdle()
		return nil, failedAt(request.Context(), err, progress.now())
	}
	defer response.Body.Close()
	if err := refuse(response); err != nil {
		return nil, err
	}
	body, err := readBody(response, e.bodies.get())
	if err != nil {
		e.dropIdle()
		return nil, failedAt(request.Context(), err, answered)
	}
	if err := refuseBody(body); err != nil {
		return nil, err
	}
	keep(request.Context(), body)
	response.Header.Del("Content-Encoding") // identity, which the SDK does not know
	response.Body = io.NopCloser(strings.NewReader("{}"))
	return response, nil
}

// readBody reads a body into memory if it fits. It returns one byte more than
// maxBody if the body is too large. If the length is announced, the body is not
// copied while it grows: that took twice the memory. A length that no page has is
// not believed until the bytes arrive.
func readBody(response *http.Response, memory []byte) ([]byte, error) {
	body := bytes.NewBuffer(memory)
	body.Grow(int(min(max(response.ContentLength, 0), usualBody)) + bytes.MinRead)
	_, err := body.ReadFrom(io.LimitReader(response.Body, maxBody+1))
	return body.Bytes(), err
}

// bodies are buffers that are no longer used and that the next bodies are read
// into: twenty pages at once take 3 MB, and so do two hundred. A nil one keeps
// none.
type bodies struct{ unused sync.Pool }

// get returns a buffer for a body, or nil.
func (b *bodies) get() []byte {
	if b == nil {
		return nil
	}
	memory, _ := b.unused.Get().(*[]byte)
	if memory == nil {
		return nil
	}
	return (*memory)[:0]
}

// put takes back a body that nothing refers to any more, unless it is larger than
// pages are.
func (b *bodies) put(body []byte) {
	if body != nil && cap(body) <= 2*usualBody {
		b.unused.Put(&body)
	}
}

// bodyKey is the context key of the body that keep sets.
type bodyKey struct{}

// withBody returns a context for one call, and where the body of the response will
// be.
func withBody(ctx context.Context) (context.Context, *[]byte) {
	body := new([]byte)
	return context.WithValue(ctx, bodyKey{}, body), body
}

func keep(ctx context.Context, body []byte) {
	if kept, ok := ctx.Value(bodyKey{}).(*[]byte); ok {
		*kept = body
	}
}

// once changes the request so that it is sent at most once and asks for an
// uncompressed response. Without GetBody, net/http cannot send the body again.
// Because Accept-Encoding is set, net/http does not ask for gzip and decompress the
// response itself, where no limit would count the bytes: 8 kB become 8 MB.
func once(request *http.Request) *http.Request {
	request.GetBody = nil
	request.Header.Set("Accept-Encoding", "identity")
	return request
}

// dropIdle makes the next call open a new connection after a network fault. What
// forgets connections between two scrapes, such as a NAT gateway, forgets all of
// them, and without this each would cost one more refresh.
func (e exchange) dropIdle() {
	if pool, ok := e.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// refuse rejects a response by its status and header, without repeating any of its
// text.
func refuse(response *http.Response) error {
	encoding := response.Header.Get("Content-Encoding")
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		return &Error{Class: Throttled, Message: "answered with HTTP status 429"}
	case response.StatusCode != http.StatusOK:
		return &Error{
			Class:   Server,
			Message: fmt.Sprintf("answered with HTTP status %d", response.StatusCode),
			final:   response.StatusCode < http.StatusInternalServerError,
			proxied: response.StatusCode == http.StatusProxyAuthRequired,
		}
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return &Error{Class: Decode, Message: "answer is compressed, though no compression was asked for"}
	case response.ContentLength > maxBody:
		return errTooLarge
	case response.Header.Get("Content-Type") == "text/event-stream":
		return &Error{Class: Decode, Message: "answer is an event stream"}
	}
	return nil
}
