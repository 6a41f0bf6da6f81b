package ckafka_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// planted stands for text from a peer that must not be shown.
const planted = "hunter2"

// listen serves each TCP connection with a function, until the test ends. It closes
// the connection when the function returns.
func listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(t.Context(), func() { connection.Close() })
			serving.Go(func() {
				defer stop()
				defer connection.Close()
				serve(connection)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// saying returns a function that reads a request and responds with a text.
func saying(text string) func(net.Conn) {
	return func(connection net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(connection))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, request.Body)
		_, _ = io.WriteString(connection, text)
	}
}

// speakingTLS serves a function over TLS with a certificate.
func speakingTLS(certificate tls.Certificate, serve func(net.Conn)) func(net.Conn) {
	return func(connection net.Conn) {
		serve(tls.Server(connection, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}))
	}
}

// certify returns a certificate for a host that expires at a given time, and a pool
// that trusts it.
func certify(t *testing.T, host string, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: planted}, DNSNames: []string{host},
		NotBefore: until.Add(-time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
	}
	content, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(content)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{content}, PrivateKey: key}, pool
}

// Network errors are described by kind, in words that no peer chose.
func TestNetworkErrorsHaveFixedWords(t *testing.T) {
	good, trusted := certify(t, "localhost", time.Now().Add(time.Minute))
	expired, trustedOnce := certify(t, "localhost", time.Now().Add(-time.Minute))
	foreign, trustedElsewhere := certify(t, planted+".example", time.Now().Add(time.Minute))
	ok := saying("HTTP/1.1 200 OK\r\n\r\n")
	tests := map[string]struct {
		serve func(net.Conn) // nil: nobody listens
		roots *x509.CertPool // not nil: the scheme is https
		proxy bool           // serve is a proxy
		rcode byte           // the response of a name server asked for name.invalid
		want  string         // ADDRESS stands for the address of the listener
	}{
		"refused":           {want: "connection refused (ADDRESS)"},
		"closed at once":    {serve: func(net.Conn) {}, want: "connection "},
		"closed when asked": {serve: saying(""), want: "connection broke off"},
		"reset when asked": {
			serve: func(connection net.Conn) {
				_, _ = connection.Read(make([]byte, 1))
				_ = connection.(*net.TCPConn).SetLinger(0)
			},
			want: "connection reset by peer (ADDRESS)",
		},
		"head broken off":  {serve: saying("HTTP/1.1 200 " + planted), want: "answer broke off"},
		"body broken off":  {serve: saying("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + planted), want: "answer broke off"},
		"no HTTP":          {serve: saying(planted + " 200 " + planted + "\r\n\r\n"), want: "no answer in valid HTTP"},
		"bad chunk":        {serve: saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + planted + "\r\n"), want: "no answer in valid HTTP"},
		"no such host":     {rcode: 3, want: "host name not found: name.invalid"},
		"name server down": {rcode: 2, want: "name server failed, asked for name.invalid"},
		"TLS not trusted":  {serve: speakingTLS(good, ok), roots: trustedOnce, want: "TLS certificate not trusted: no authority that this machine knows signed it"},
		"TLS expired":      {serve: speakingTLS(expired, ok), roots: trustedOnce, want: "TLS certificate expired or not yet valid, by this machine's clock"},
		"TLS of another":   {serve: speakingTLS(foreign, ok), roots: trustedElsewhere, want: "TLS certificate not trusted: it is for another host"},
		"no TLS":           {serve: func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 "+planted+"\r\n\r\n") }, roots: trusted, want: "TLS handshake failed: the peer does not speak TLS"},
		"TLS broken off":   {serve: func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }, roots: trusted, want: "connection "},
		"TLS refused":      {serve: speakingTLS(tls.Certificate{}, ok), roots: trusted, want: "TLS refused by the peer: tls: "},
		"proxy refused":    {proxy: true, want: "connection refused (proxy ADDRESS)"},
		"proxy forbids":    {serve: saying("HTTP/1.1 407 " + planted + "\r\n\r\n"), roots: trusted, proxy: true, want: "proxy refused the connection with HTTP status 407"},
		"proxy is no HTTP": {serve: saying(planted + "\r\n\r\n"), roots: trusted, proxy: true, want: "no answer in valid HTTP"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := unusedAddress(t)
			if test.serve != nil {
				address = listen(t, test.serve)
			}
			transport := ckafka.NewTransport()
			transport.Proxy, transport.TLSClientConfig = nil, &tls.Config{RootCAs: test.roots, MinVersion: tls.VersionTLS12}
			at := endpoint.Endpoint{Scheme: "http", Host: address}
			if test.roots != nil {
				at = endpoint.Endpoint{Scheme: "https", Host: strings.Replace(address, "127.0.0.1", "localhost", 1)}
			}
			if test.proxy {
				transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address})
				at.Host = "ckafka.example"
			}
			if test.rcode != 0 {
				at.Host = "name.invalid:80"
				transport.DialContext = (&net.Dialer{Resolver: refusingNameServer(t, test.rcode)}).DialContext
			}
			want := "network: " + strings.ReplaceAll(test.want, "ADDRESS", address)
			have := refresh(t, transport, at, source.Options{Timeout: time.Minute})
			if !strings.HasPrefix(have, want) || strings.Contains(have, planted) {
				t.Errorf("error: want %q, have %q", want, have)
			}
		})
	}
}

// refusingNameServer returns a resolver whose server responds with the same error
// code (RCODE) to every question.
func refusingNameServer(t *testing.T, code byte) *net.Resolver {
	t.Helper()
	return nameServer(t, func(question []byte) []byte {
		question[2] |= 0x80 // a response
		question[3] = code
		return question
	})
}

// nameServer returns a resolver whose server responds to each question with what a
// function returns, or not at all if that is nil.
func nameServer(t *testing.T, respond func(question []byte) []byte) *net.Resolver {
	t.Helper()
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for question := make([]byte, 512); ; {
			n, client, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			if response := respond(question[:n]); response != nil {
				_, _ = server.WriteTo(response, client)
			}
		}
	})
	t.Cleanup(func() {
		server.Close()
		serving.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}
