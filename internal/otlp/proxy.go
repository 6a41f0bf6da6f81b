package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"
)

// grpcProxy returns the proxy to a collector over gRPC, nil for none. It refuses a proxy
// that does not speak plain HTTP. The error does not repeat the address.
func (s *Settings) grpcProxy() (*url.URL, error) {
	if s.Protocol != GRPC || s.Endpoint.Scheme == "unix" {
		return nil, nil
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(&url.URL{Scheme: "https", Host: s.Endpoint.Host})
	if err != nil || proxy != nil && proxy.Scheme != "http" {
		return nil, errors.New("gRPC supports only http:// proxies; add the collector's host to NO_PROXY, or set another proxy in HTTPS_PROXY")
	}
	return proxy, nil
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
