package source

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// maxBody is the maximum number of bytes of a body that are read. A real page
	// of 100 tasks takes 130 kB, and one of tasks whose texts all have 128
	// characters 1.1 MB (TestTheLongestPagesArePages).
	maxBody = 2 << 20
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

// exchange is a RoundTripper that passes the body of a response with status 200 to
// the receiver of the call and hands the SDK an empty one.
//
// The SDK reads a body without a limit, parses it five times, quotes it in its
// errors, leaves an event stream open and forgets the cause of a failed read. So it
// gets an empty body, and every failure becomes a classified *Error.
type exchange struct{ next http.RoundTripper }

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
	body := newBody(response.Body)
	receive(request.Context(), body)
	body.finish()
	if body.broken != nil {
		e.dropIdle()
		return nil, failedAt(request.Context(), body.broken, answered)
	}
	if body.size > maxBody {
		return nil, errTooLarge
	}
	response.Header.Del("Content-Encoding") // identity, which the SDK does not know
	response.Body = io.NopCloser(strings.NewReader("{}"))
	return response, nil
}

// receiverKey is the context key of a call's receiver.
type receiverKey struct{}

// withReceiver returns a context for one call. The receiver reads the body of the
// response, and what it makes of it counts only if the call succeeds.
func withReceiver(ctx context.Context, receiver func(*body)) context.Context {
	return context.WithValue(ctx, receiverKey{}, receiver)
}

func receive(ctx context.Context, from *body) {
	if receiver, ok := ctx.Value(receiverKey{}).(func(*body)); ok {
		receiver(from)
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
