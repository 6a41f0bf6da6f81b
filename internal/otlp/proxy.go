package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"
)

// checkProxy refuses a proxy to which gRPC would send the password in the clear: gRPC
// speaks plain HTTP to every proxy. The error does not repeat the address.
func (s *Settings) checkProxy() error {
	if s.Protocol != GRPC || s.Endpoint.Scheme == "unix" {
		return nil
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(&url.URL{Scheme: "https", Host: s.Endpoint.Host})
	if err != nil || proxy != nil && proxy.Scheme != "http" {
		return errors.New("gRPC supports only http:// proxies; add the collector's host to NO_PROXY, or set another proxy in HTTPS_PROXY")
	}
	return nil
}

// tunnelError is a proxy's refusal, without the proxy's own text.
type tunnelError struct{ error }

// refuseTunnel returns an error unless the proxy has opened a tunnel: net/http would
// quote the proxy.
func refuseTunnel(_ context.Context, proxy *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return tunnelError{fmt.Errorf("proxy %s refused the connection with HTTP status %d (HTTPS_PROXY, NO_PROXY)", proxy.Host, response.StatusCode)}
}
