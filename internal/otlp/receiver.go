package otlp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
)

// errHTML is the error of a push whose response is an HTML page: the SDK takes one
// for a success.
var errHTML = errors.New("the response is an HTML page")

// receiverTransport is the transport of pushes over HTTP. It reads each response as
// far as the SDK would, so that no error quotes what a peer sent except a receiver's
// message.
type receiverTransport struct {
	next http.RoundTripper
	used *connections
}

// RoundTrip implements http.RoundTripper. After a failure it closes the connection: it
// may lead to one of several receivers, which is ill.
func (t receiverTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.receive(request)
	if err != nil || response.StatusCode < 200 || response.StatusCode > 299 {
		t.used.closeOlder(0)
	}
	return response, err
}

// receive reads the response to a request.
func (t receiverTransport) receive(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, sanitize(err)
	}
	defer response.Body.Close()
	var body []byte
	if response.StatusCode != http.StatusSwitchingProtocols { // it has no end
		body, err = io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	}
	// Without it the client follows no redirect, which could leak the headers to
	// another host.
	response.Header.Del("Location")
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch accepted := response.StatusCode >= 200 && response.StatusCode <= 299; {
	case !accepted:
		response.Status = fmt.Sprintf("HTTP status %d (%s)", response.StatusCode, http.StatusText(response.StatusCode))
		body = errorBody(response, mediaType, body)
	case err != nil:
		return nil, sanitize(err)
	case mediaType == "text/html":
		return nil, fmt.Errorf("HTTP status %d: %w", response.StatusCode, errHTML)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// errorBody returns what the SDK is to quote of an unsuccessful response: the
// receiver's message, and the status where the SDK leaves it out, which is where it
// retries. An HTML page is no message.
func errorBody(response *http.Response, mediaType string, body []byte) []byte {
	message := strings.TrimSpace(string(body))
	switch mediaType {
	case "application/x-protobuf":
		var received status.Status
		_ = proto.Unmarshal(body, &received)
		message = received.GetMessage()
	case "text/html":
		message = ""
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		message = strings.TrimSuffix(response.Status+": "+message, ": ")
	}
	return []byte(message)
}

// connError is a failure of the connection. The SDK retries what is temporary, as it
// does over gRPC.
type connError struct{ error }

// Temporary reports that a retry may succeed.
func (connError) Temporary() bool { return true }

// Unwrap returns the cause.
func (e connError) Unwrap() error { return e.error }

// errBroken stands for an error of net/http that may quote the response.
var errBroken = errors.New("the connection broke, or the response is malformed HTTP")

// sanitize returns an error whose text is safe to log: it quotes nothing from the
// peer except certificate names. net/http quotes what it cannot parse.
func sanitize(err error) error {
	if isLocalError(err) {
		return connError{err}
	}
	return connError{errBroken}
}

func isLocalError(err error) bool {
	var (
		operation   *net.OpError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		tunnel      tunnelError
		timed       net.Error
	)
	return errors.As(err, &operation) || errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &tunnel) ||
		errors.As(err, &timed) && timed.Timeout() ||
		errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
