package ckafka

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"datahub_exporter/internal/credential"
)

// proxySchemes are the schemes of the proxies that net/http can use.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// CheckProxy returns an error if a standard variable for a proxy is neither empty
// nor the address of one: net/http ignores what it cannot parse, so calls would
// bypass the proxy that somebody wants. The error names the variable and does not
// repeat its value, which may contain a password.
func CheckProxy(getenv func(string) string) error {
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY"} {
		if used, value := standardVariable(getenv, name); value != "" && !isProxy(value) {
			return fmt.Errorf("%s is not the address of a proxy; write it as http://HOST:PORT, with https, socks5 or socks5h for http where the proxy speaks that, or unset it", used)
		}
	}
	return nil
}

// proxy returns the proxy for a request. The metadata service is queried directly:
// it responds, in the clear, with the credential of whichever machine asks, which
// must not be the proxy.
func proxy(request *http.Request) (*url.URL, error) {
	if request.URL.Hostname() == credential.MetadataHost {
		return nil, nil
	}
	return http.ProxyFromEnvironment(request)
}

// isProxy reports whether a value is the URL of a proxy, or HOST or HOST:PORT,
// which mean http.
func isProxy(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Hostname() == "" || !slices.Contains(proxySchemes, parsed.Scheme) {
		return false
	}
	port, err := strconv.ParseUint(parsed.Port(), 10, 16)
	return parsed.Port() == "" || err == nil && port > 0
}
