package otlp

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// maxProxyHead is the most bytes of a proxy's response that are read.
const maxProxyHead = 64 << 10

// proxy finds the proxy on the way to the collector. Like gRPC, it uses the proxy
// for https whether or not TLS is used: the push goes through it by CONNECT. For
// HTTP without TLS it uses the proxy for http, as every HTTP client does, and the
// proxy forwards the push.
func (r *resolution) proxy() error {
	if strings.HasPrefix(r.settings.Target, "unix:") {
		return nil
	}
	scheme, from := "https", cmp.Or(r.env.get("HTTPS_PROXY"), r.env.get("https_proxy"))
	if r.settings.forwarded() {
		scheme, from = "http", cmp.Or(r.env.get("HTTP_PROXY"), r.env.get("http_proxy"))
	}
	variables := httpproxy.Config{
		HTTPProxy: from.value, HTTPSProxy: from.value, NoProxy: cmp.Or(r.env.get("NO_PROXY"), r.env.get("no_proxy")).value,
	}
	proxy, err := variables.ProxyFunc()(&url.URL{Scheme: scheme, Host: r.settings.Target})
	switch {
	case err != nil: // err may quote the value
		return fmt.Errorf("%s is not the address of a proxy; write it as http://HOST:PORT, or unset it", from.name)
	case proxy != nil && proxy.Scheme != "http":
		return fmt.Errorf("push over OTLP: %s names a proxy of %s, and a push goes through one of http only; name the collector's host in NO_PROXY, or another proxy",
			from.name, proxy.Scheme)
	}
	r.settings.Proxy = proxy
	return nil
}

// forwarded reports whether a proxy forwards the pushes themselves, instead of
// opening a connection for them.
func (s *Settings) forwarded() bool { return s.Protocol == HTTP && !s.Secure }

// proxyAddress returns the address to dial.
func proxyAddress(proxy *url.URL) string {
	return net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), "80"))
}

// tunnel asks the proxy at the other end of a connection for a connection to the
// target. It reads no byte after the proxy's response: those are the collector's.
// What the proxy sends is bounded, and no error repeats it. The errors are short:
// gRPC puts 150 characters before them, and the log cuts at 256.
func tunnel(ctx context.Context, connection net.Conn, proxy *url.URL, target string) error {
	unwatch := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer unwatch()
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{}}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	err := request.Write(connection)
	var answer *http.Response
	if err == nil {
		// The body stays unread: closing it would read it.
		answer, err = http.ReadResponse(bufio.NewReader(byBytes{io.LimitReader(connection, maxProxyHead)}), request) //nolint:bodyclose
	}
	address := proxyAddress(proxy)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("proxy %s did not answer in time: %w", address, ctx.Err())
	case err != nil:
		return errors.New("proxy " + address + " hung up or answered with malformed HTTP (HTTPS_PROXY, NO_PROXY)")
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("proxy %s refused the connection with HTTP status %d (HTTPS_PROXY, NO_PROXY)", address, answer.StatusCode)
	}
	return nil
}

// byBytes reads one byte at a time, so that a buffer around it holds no more than
// was asked for.
type byBytes struct{ io.Reader }

// Read implements io.Reader.
func (b byBytes) Read(into []byte) (int, error) { return b.Reader.Read(into[:min(1, len(into))]) }
