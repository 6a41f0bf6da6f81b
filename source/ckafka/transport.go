package ckafka

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"datahub_exporter/source"
)

const (
	// maxBody is the maximum number of bytes of a body that are read. A real page
	// of 100 tasks takes 130 kB, and one of tasks whose texts all have 128
	// characters 1.1 MB (TestLargestPagesAreAccepted).
	maxBody = 2 << 20
	// maxHead is the maximum size of a response's header, for which net/http would
	// take 10 MB. The API's has less than 1 kB.
	maxHead = 64 << 10
	// connectTimeout is how long a dial or a handshake may take. Across the world they
	// take less than a second. Go's dialer gives an address that does not answer two
	// seconds, so another address of the name, and another try, still have their turn
	// within the default of --ckafka.timeout.
	connectTimeout = 3 * time.Second
	// maxConnAge is longer than the minute between two scrapes, so that a scrape finds
	// its connections open. Then they are renewed, so that a moved name is noticed.
	maxConnAge = 3 * time.Minute
	// idleConnsPerHost is enough for all connections that a scrape has opened: all
	// regions and accounts have the same host.
	idleConnsPerHost = source.MaxCalls
)

var errTooLarge = &source.Error{Class: source.Decode, Message: fmt.Sprintf("answer is larger than %d MiB", maxBody>>20)}

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
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		Protocols:              protocols,
		TLSHandshakeTimeout:    connectTimeout,
		MaxResponseHeaderBytes: maxHead,
		IdleConnTimeout:        maxConnAge,
		MaxIdleConnsPerHost:    idleConnsPerHost,
		DisableCompression:     true, // maxBody counts what is read of the wire
	}
}

// pool is a RoundTripper whose connections are kept, but none for long.
type pool struct {
	next http.RoundTripper

	mu      sync.Mutex
	renewed time.Time // when the idle connections were last closed because of their age
}

// RoundTrip sends the request over a connection that is not too old.
func (p *pool) RoundTrip(request *http.Request) (*http.Response, error) {
	p.mu.Lock()
	old := time.Since(p.renewed) >= maxConnAge
	if old {
		p.renewed = time.Now()
	}
	p.mu.Unlock()
	if old {
		p.closeIdle()
	}
	return p.next.RoundTrip(request)
}

// closeIdle makes the next calls open new connections.
func (p *pool) closeIdle() {
	if next, ok := p.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// limited is a RoundTripper that reads each response completely, up to a limit: the SDK
// would read it without one, quote it in its errors and drop the cause of a failed read.
type limited struct{ next http.RoundTripper }

// RoundTrip sends the request and reads the response. Its error is a *source.Error.
func (l limited) RoundTrip(request *http.Request) (*http.Response, error) {
	var peer string // what a connection was made to
	ctx := httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) { peer = got.Conn.RemoteAddr().String() },
	})
	response, err := l.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, networkError(request.Context(), err, peer)
	}
	defer response.Body.Close()
	if err := refuse(response); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, networkError(request.Context(), err, peer)
	}
	if len(body) > maxBody {
		return nil, errTooLarge
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	// The SDK looks for an error in every body of another type, in two more passes,
	// and hands an event stream to a reader of its own.
	response.Header.Set("Content-Type", "application/octet-stream")
	response.Header.Del("Content-Encoding") // identity, which the SDK does not know
	return response, nil
}

// refuse rejects a response by its status and header, without repeating any of its
// text.
func refuse(response *http.Response) error {
	encoding := response.Header.Get("Content-Encoding")
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		return &source.Error{Class: source.Throttled, Message: "answered with HTTP status 429"}
	case response.StatusCode == http.StatusProxyAuthRequired:
		return &source.Error{Class: source.Server, Message: "answered with HTTP status 407", Final: true, Advice: proxyAdvice}
	case response.StatusCode != http.StatusOK:
		return &source.Error{
			Class:   source.Server,
			Message: fmt.Sprintf("answered with HTTP status %d", response.StatusCode),
			Final:   !passing(response.StatusCode),
		}
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return &source.Error{Class: source.Decode, Message: "answer is compressed, though no compression was asked for"}
	case response.ContentLength > maxBody:
		return errTooLarge
	}
	return nil
}

// passing reports whether a call that was refused with a status may succeed a moment
// later.
func passing(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout || status == http.StatusTooEarly
}
