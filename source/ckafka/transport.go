package ckafka

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
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
	// dialTimeout and handshakeTimeout are net/http's defaults.
	dialTimeout      = 30 * time.Second
	handshakeTimeout = 10 * time.Second
	// idleConnTimeout is longer than the minute between two scrapes, so that a
	// scrape finds its connections open.
	idleConnTimeout = 5 * time.Minute
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
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		Protocols:              protocols,
		TLSHandshakeTimeout:    handshakeTimeout,
		MaxResponseHeaderBytes: maxHead,
		IdleConnTimeout:        idleConnTimeout,
		MaxIdleConnsPerHost:    idleConnsPerHost,
		DisableCompression:     true, // maxBody counts what is read of the wire
	}
}

// limited is a RoundTripper that reads each response completely, up to a limit: the SDK
// would read it without one, quote it in its errors and drop the cause of a failed read.
type limited struct{ next http.RoundTripper }

// RoundTrip sends the request and reads the response. Its error is a *source.Error.
func (l limited) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.next.RoundTrip(request)
	if err != nil {
		l.dropIdle()
		return nil, networkError(request.Context(), err)
	}
	defer response.Body.Close()
	if err := refuse(response); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		l.dropIdle()
		return nil, networkError(request.Context(), err)
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

// dropIdle makes the next call open a new connection after a network fault. A NAT
// gateway that drops idle connections drops them all, and each would otherwise cost one
// more refresh.
func (l limited) dropIdle() {
	if pool, ok := l.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
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
			Final:   response.StatusCode < http.StatusInternalServerError,
		}
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return &source.Error{Class: source.Decode, Message: "answer is compressed, though no compression was asked for"}
	case response.ContentLength > maxBody:
		return errTooLarge
	}
	return nil
}
