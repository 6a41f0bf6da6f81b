package ckafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// describe says in fixed words what a network error is and where it occurred. It
// never repeats text that a peer may have influenced: only addresses and names that
// we dialed, numbers, and words of the operating system and of Go.
func describe(err error) string {
	if errors.Is(err, context.Canceled) {
		return "call was canceled"
	}
	for _, kind := range []func(error) string{nameFault, certificateFault, handshakeFault, connectionFault} {
		if words := kind(err); words != "" {
			return words + where(err)
		}
	}
	return "no answer in valid HTTP" + where(err)
}

// where returns the address that was dialed, or nothing.
func where(err error) string {
	var proxy, address string
	for operation := new(net.OpError); errors.As(err, &operation); err = operation.Err {
		if operation.Op == "proxyconnect" {
			proxy = "proxy "
		}
		if operation.Addr != nil {
			address = operation.Addr.String()
		}
	}
	if address == "" {
		return ""
	}
	return fmt.Sprintf(" (%s%s)", proxy, address)
}

func nameFault(err error) string {
	lookup, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return ""
	case lookup.IsNotFound:
		return "host name not found: " + logging.Clean(lookup.Name)
	case lookup.IsTimeout:
		return "name server too slow, asked for " + logging.Clean(lookup.Name)
	default:
		return "name server failed, asked for " + logging.Clean(lookup.Name)
	}
}

func certificateFault(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "TLS certificate not trusted: no authority that this machine knows signed it"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "TLS certificate not trusted: it is for another host"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "TLS certificate expired or not yet valid, by this machine's clock"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "TLS certificate not trusted"
	}
	return ""
}

func handshakeFault(err error) string {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "TLS handshake failed: the peer does not speak TLS"
	}
	// The peer sends a number; the words for it come from crypto/tls.
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "remote error" {
		return "TLS refused by the peer: " + logging.Clean(operation.Err.Error())
	}
	return ""
}

// connectionFault uses the operating system's own words for its errors:
// "connection refused", "no route to host", "too many open files".
func connectionFault(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case ok && timeout.Timeout():
		return "connection timed out"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "answer broke off"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), strings.HasSuffix(err.Error(), closedIdle):
		return "connection broke off"
	}
	return ""
}

// closedIdle is the text of the error, which has no name, of a connection that the peer
// closes before net/http has sent its request.
const closedIdle = "http: server closed idle connection"

// refuseTunnel reports a proxy that refuses a connection to the API. The error of
// net/http would repeat what the proxy wrote.
func refuseTunnel(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &source.Error{
		Class: source.Network, Message: fmt.Sprintf("proxy refused the connection with HTTP status %d", answer.StatusCode), Advice: proxyAdvice,
	}
}
