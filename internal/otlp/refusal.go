package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// refusal is an HTTP response that is not a success.
type refusal struct {
	status     int
	from       *url.URL
	message    string
	retryAfter string
	grpc       bool // it is a gRPC response
}

// refusedWith reads a refusal. It leaves out HTML, which is a page for people.
func refusedWith(response *http.Response, body []byte) *refusal {
	refused := &refusal{status: response.StatusCode, from: response.Request.URL, retryAfter: response.Header.Get("Retry-After")}
	switch kind := typeOf(response); {
	case strings.HasPrefix(kind, "application/grpc"):
		refused.grpc = true
	case kind == protobufType:
		var told status.Status
		if proto.Unmarshal(body, &told) == nil {
			refused.message = told.GetMessage()
		}
	case kind != "text/html":
		refused.message = strings.TrimSpace(string(body))
	}
	return refused
}

// Error names the status and the path, because a wrong path is the usual mistake.
func (r *refusal) Error() string {
	text := fmt.Sprintf("HTTP status %d (%s) from %s://%s%s", r.status, http.StatusText(r.status), r.from.Scheme, r.from.Host, r.from.EscapedPath())
	if r.message != "" {
		text += ": " + r.message
	}
	return text
}

// response returns the response for the SDK, which retries after 429, 502, 503 and
// 504, and when the response says so.
func (r *refusal) response(request *http.Request) *http.Response {
	header, told := http.Header{}, r.status
	if r.retryAfter != "" {
		header.Set("Retry-After", r.retryAfter)
	}
	if told >= 200 && told <= 299 {
		told = http.StatusInternalServerError // which is not retried
	}
	return answerWith(request, told, header, []byte(r.message))
}

// broken is a failure of the connection. The SDK retries what is temporary.
type broken struct{ error }

// Temporary makes the SDK retry, as it does over gRPC.
func (broken) Temporary() bool { return true }

// Unwrap returns the cause.
func (b broken) Unwrap() error { return b.error }

// dialFailure is the error of a dial, in our own words or the system's.
type dialFailure struct{ error }

// Unwrap returns the cause.
func (d dialFailure) Unwrap() error { return d.error }

// brokenBy returns the failure without anything that the peer sent: net/http quotes
// what it cannot parse.
func brokenBy(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return broken{error: fmt.Errorf("no whole answer: %w", ctx.Err())}
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(record.RecordHeader[:]) == "HTTP/" {
		return broken{error: errors.New("the answer is HTTP in the clear, and the endpoint is https://")}
	}
	if errors.Is(err, errHTTP2) {
		return broken{error: errHTTP2}
	}
	// net/http has no type for a peer that hangs up before it has a request.
	if err.Error() == "http: server closed idle connection" {
		return broken{error: io.EOF}
	}
	if toldByUs(err) {
		return broken{error: err}
	}
	return broken{error: errors.New("the connection broke, or the answer is malformed HTTP")}
}

// toldByUs reports whether an error contains nothing from the peer but the names in
// its certificate.
func toldByUs(err error) bool {
	if _, ok := errors.AsType[dialFailure](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if timed, ok := errors.AsType[net.Error](err); ok && timed.Timeout() {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || hungUp(err)
}

// hungUp reports whether the peer closed the connection instead of responding. Which
// of the three errors occurs depends on how far the request has got.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
