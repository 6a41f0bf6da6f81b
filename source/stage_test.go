package source

import (
	"crypto/tls"
	"errors"
	"net/http/httptrace"
	"testing"
)

// A failed call is at the stage that it did not complete. A handshake with a proxy
// is complete before the connection through it begins.
func TestStages(t *testing.T) {
	failed := errors.New("no handshake")
	tests := map[string]struct {
		events func(*httptrace.ClientTrace)
		want   stage
	}{
		"nothing yet": {func(*httptrace.ClientTrace) {}, connecting},
		"a handshake": {func(c *httptrace.ClientTrace) { c.TLSHandshakeStart() }, handshaking},
		"a handshake that fails": {func(c *httptrace.ClientTrace) {
			c.TLSHandshakeStart()
			c.TLSHandshakeDone(tls.ConnectionState{}, failed)
		}, handshaking},
		"a handshake that ends well": {func(c *httptrace.ClientTrace) {
			c.TLSHandshakeStart()
			c.TLSHandshakeDone(tls.ConnectionState{}, nil)
		}, connecting},
		"a connection, while a dial goes on": {func(c *httptrace.ClientTrace) {
			c.GotConn(httptrace.GotConnInfo{})
			c.TLSHandshakeStart()
		}, asking},
		"an answer": {func(c *httptrace.ClientTrace) {
			c.GotConn(httptrace.GotConnInfo{})
			c.GotFirstResponseByte()
		}, answered},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var progress progress
			test.events(httptrace.ContextClientTrace(progress.trace(t.Context())))
			if have := progress.now(); have != test.want {
				t.Errorf("stage: want %d, have %d", test.want, have)
			}
		})
	}
}
