package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// maxBody is the most bytes of an answer that are read. A page of 100
	// realistic tasks takes 65 kB (measured), so this leaves a factor of 100.
	maxBody = 8 << 20
	// idleConnTimeout outlives the minute between two scrapes, so that a scrape
	// finds its connections open.
	idleConnTimeout = 5 * time.Minute
	// idleConnsPerHost holds one fan-out for each of the two actions.
	idleConnsPerHost = 2 * fanOut
)

// NewTransport returns the connection pool that all clients share. It honours the
// standard proxy variables (HTTPS_PROXY, NO_PROXY).
func NewTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.IdleConnTimeout = idleConnTimeout
	transport.MaxIdleConnsPerHost = idleConnsPerHost
	return transport
}

// exchange is a RoundTripper that keeps the body of a whole answer with status
// 200 for the caller and hands the SDK an empty one.
//
// The SDK reads a body without a limit, parses it five times, quotes it in its
// errors, leaves an event stream open and forgets the cause of a failed read. So
// the exchange ends here: everything else becomes a classified *Error.
type exchange struct {
	next http.RoundTripper
}

// RoundTrip sends the request and reads the whole answer.
func (e exchange) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := e.next.RoundTrip(request)
	if err != nil {
		e.dropIdle()
		return nil, err
	}
	defer response.Body.Close()
	if err := refuse(response); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		e.dropIdle()
		return nil, readError(request.Context(), err)
	}
	if len(body) > maxBody {
		return nil, &Error{Class: Decode, Message: fmt.Sprintf("answer is larger than %d MiB", maxBody>>20)}
	}
	keep(request.Context(), body)
	response.Body = io.NopCloser(strings.NewReader("{}"))
	return response, nil
}

// bodyKey is the key of what keep fills.
type bodyKey struct{}

// withBody returns a context for one call, and where the body of its answer will
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

// dropIdle lets the next call connect anew after a fault of the network's. What
// forgets connections between two scrapes, such as a NAT gateway, forgets all of
// them, and without this each would cost one more refresh.
func (e exchange) dropIdle() {
	if pool, ok := e.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// refuse judges an answer by its head.
func refuse(response *http.Response) error {
	switch encoding := response.Header.Get("Content-Encoding"); {
	case response.StatusCode == http.StatusTooManyRequests:
		return &Error{Class: Throttled, Message: "answered with HTTP status 429"}
	case response.StatusCode != http.StatusOK:
		return &Error{
			Class:   Server,
			Message: fmt.Sprintf("answered with HTTP status %d", response.StatusCode),
			final:   response.StatusCode < http.StatusInternalServerError,
		}
	case encoding != "":
		// A body that the SDK would unpack itself escapes the limit on its size.
		return &Error{Class: Decode, Message: fmt.Sprintf("answer has the content encoding %q", cleanLine(encoding))}
	case response.Header.Get("Content-Type") == "text/event-stream":
		return &Error{Class: Decode, Message: "answer is an event stream"}
	}
	return nil
}

// readError classifies a body that broke off.
func readError(ctx context.Context, err error) *Error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Class: Network, Message: "answer broke off", cause: err}
	}
	return classifyNetwork(ctx, err)
}
