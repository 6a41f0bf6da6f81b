package otlp_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
)

// proxied returns the options of a push to a host that only a proxy knows.
func proxied() *otlp.Options {
	options := at("collector.example:4317")
	options.Timeout = patient
	return options
}

// through returns an environment with a proxy.
func through(proxy string) func(string) string {
	return func(name string) string { return map[string]string{"HTTPS_PROXY": proxy}[name] }
}

// proxyThat serves each tunnel request with the function, which returns when it is
// done with the connection. It returns the proxy's address.
func proxyThat(t *testing.T, serve func(net.Conn, *http.Request)) string {
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
			serving.Go(func() {
				defer connection.Close()
				request, err := http.ReadRequest(bufio.NewReader(connection))
				if err != nil {
					t.Errorf("read the request for a tunnel: %v", err)
					return
				}
				serve(connection, request)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// tunnelTo starts a proxy that opens tunnels to a collector.
func tunnelTo(t *testing.T, address string) (proxy string, asked <-chan *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 1000)
	return proxyThat(t, func(connection net.Conn, request *http.Request) {
		requests <- request
		behind, err := new(net.Dialer).DialContext(request.Context(), "tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		defer behind.Close()
		_, _ = io.WriteString(connection, "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n")
		go func() {
			defer behind.Close()
			_, _ = io.Copy(behind, connection)
		}()
		_, _ = io.Copy(connection, behind)
	}), requests
}

// requireTunnel requires that a request to a proxy names the host and has the
// user's credential.
func requireTunnel(t *testing.T, request *http.Request, host string) {
	t.Helper()
	if request.Method != http.MethodConnect || request.Host != host {
		t.Errorf("want CONNECT %s, have %s %s", host, request.Method, request.Host)
	}
	if have, want := request.Header.Get("Proxy-Authorization"), "Basic dXNlcjpwQHNz"; have != want {
		t.Errorf("Proxy-Authorization: want %s, have %s", want, have)
	}
}

// The proxy gets the target and the user, and data that the collector sends at
// once, in one packet with the proxy's response, is not lost.
func TestPushGoesThroughAProxy(t *testing.T) {
	collector := collectorsim.Start(t)
	asked := make(chan *http.Request, 1000)
	proxy := proxyThat(t, func(connection net.Conn, request *http.Request) {
		asked <- request
		behind, err := new(net.Dialer).DialContext(request.Context(), "tcp", collector.Address)
		if err != nil {
			t.Error(err)
			return
		}
		defer behind.Close()
		go func() {
			defer behind.Close()
			_, _ = io.Copy(behind, connection)
		}()
		first := make([]byte, 1024)
		size, err := behind.Read(first)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = connection.Write(append([]byte("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n"), first[:size]...))
		_, _ = io.Copy(connection, behind)
	})
	made := newPush(t, proxied(), through("http://user:p%40ss@"+proxy), &log{})
	flush(t, provider(t, made, "tasks", one))
	if have := (<-collector.Pushes).Metrics()[0].GetName(); have != "tasks" {
		t.Errorf("want tasks, have %s", have)
	}
	requireTunnel(t, <-asked, "collector.example:4317")
}

// A push over HTTP with TLS goes through the proxy by CONNECT, too.
func TestPushOverHTTPGoesThroughAProxy(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	collector := collectorsim.StartWith(t, collectorsim.Options{HTTP: true, TLS: &tls.Config{Certificates: []tls.Certificate{pair}}})
	proxy, asked := tunnelTo(t, collector.Address)
	options := protocol(otlp.HTTP).at("collector.example")
	options.Endpoint.Scheme, options.CAFile = "https", certFile
	flush(t, provider(t, newPush(t, options, through("http://user:p%40ss@"+proxy), &log{}), "tasks", one))
	if have := (<-collector.Pushes).Metrics()[0].GetName(); have != "tasks" {
		t.Errorf("want tasks, have %s", have)
	}
	requireTunnel(t, <-asked, "collector.example:443")
}

// Without TLS, the proxy for http gets the push itself.
func TestPushInTheClearIsHandedToAProxy(t *testing.T) {
	type seen struct{ url, authorization string }
	asked := make(chan seen, 1000)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- seen{r.URL.String(), r.Header.Get("Proxy-Authorization")}
	}))
	t.Cleanup(proxy.Close)
	variables := map[string]string{"HTTP_PROXY": "http://user:p%40ss@" + strings.TrimPrefix(proxy.URL, "http://"), "HTTPS_PROXY": "http://127.0.0.1:9"}
	log := &log{}
	made := newPush(t, protocol(otlp.HTTP).at("collector.example:4318"), func(name string) string { return variables[name] }, log)
	flush(t, provider(t, made, "tasks", one))
	want := seen{"http://collector.example:4318/v1/metrics", "Basic dXNlcjpwQHNz"}
	if have := <-asked; have != want {
		t.Errorf("want %v, have %v", want, have)
	}
	if lines := log.take(); lines != "" {
		t.Errorf("log: want nothing, have %s", lines)
	}
}

func TestProxyOverHTTPIsResolved(t *testing.T) {
	const ofTLS, inTheClear = "http://tls.example:3128", "http://clear.example:3128"
	variables := map[string]string{
		"HTTPS_PROXY": ofTLS, "http_proxy": inTheClear, "NO_PROXY": "inside", "OTEL_EXPORTER_OTLP_PROTOCOL": otlp.HTTP,
	}
	for endpoint, want := range map[string]string{
		"https://collector": ofTLS, "http://collector": inTheClear, "http://inside/otlp": "", "https://inside": "", "http://127.0.0.1:4318": "",
	} {
		settings, err := otlp.Resolve(t.Context(), otlp.Flags{Endpoint: endpoint}, nil, func(name string) string { return variables[name] })
		if err != nil {
			t.Fatal(err)
		}
		have := ""
		if settings.Proxy != nil {
			have = settings.Proxy.String()
		}
		if have != want {
			t.Errorf("%s: want %q, have %q", endpoint, want, have)
		}
	}
}

// manyBytes is more than the buffers of a connection hold, and less than memory.
const manyBytes = 64 << 20

// Little is read of a proxy that sends much, and nothing of it is logged.
func TestAnswersOfAProxyAreBounded(t *testing.T) {
	refused, malformed := "refused the connection with HTTP status 403 (HTTPS_PROXY, NO_PROXY)", "hung up or answered with malformed HTTP (HTTPS_PROXY, NO_PROXY)"
	tests := map[string]struct{ begin, repeat, want string }{
		"a status line without an end": {"HTTP/1.1 200 ", hush, malformed},
		"a header without an end":      {"HTTP/1.1 200 OK\r\nX: ", hush, malformed},
		"headers without an end":       {"HTTP/1.1 200 OK\r\n", "X: " + hush + "\r\n", malformed},
		"a refusal with a long body":   {"HTTP/1.1 403 " + hush + "\r\nContent-Length: 67108864\r\n\r\n", hush, refused},
		"not HTTP":                     {hush, hush, malformed},
		"a long body behind a tunnel":  {"HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n", hush, "error reading server preface"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			block := []byte(strings.Repeat(test.repeat, 4096))
			asked := make(chan struct{}, 1000)
			proxy := proxyThat(t, func(connection net.Conn, _ *http.Request) {
				_, err := io.WriteString(connection, test.begin)
				sent := 0
				for ; err == nil && sent < manyBytes; sent += len(block) {
					_, err = connection.Write(block)
				}
				if err == nil {
					t.Errorf("the exporter took all of %d bytes", sent)
				}
				asked <- struct{}{}
			})
			log := &log{}
			provider := provider(t, newPush(t, proxied(), through(proxy), log), "tasks", one)
			ended := overtime{Context: t.Context(), over: make(chan struct{})}
			go func() {
				<-asked
				<-asked // and the error of the first time is known
				close(ended.over)
			}()
			_ = provider.Shutdown(ended)
			if line := log.take(); !strings.Contains(line, test.want) || strings.Contains(line, hush) {
				t.Errorf("want %q and nothing of the proxy's, have\n%s", test.want, line)
			}
		})
	}
}

func TestProxyIsResolved(t *testing.T) {
	const inUse = "http://proxy.example:3128"
	tests := map[string]struct {
		endpoint    string
		environment map[string]string
		want        string // the proxy, or what is in the error
	}{
		"none":                   {"https://collector", nil, ""},
		"for TLS":                {"https://collector", map[string]string{"HTTPS_PROXY": inUse}, inUse},
		"in the clear":           {"http://collector", map[string]string{"HTTPS_PROXY": inUse}, inUse},
		"in lower case":          {"http://collector", map[string]string{"https_proxy": inUse}, inUse},
		"upper case first":       {"http://collector", map[string]string{"HTTPS_PROXY": inUse, "https_proxy": "http://other"}, inUse},
		"of http only":           {"http://collector", map[string]string{"HTTP_PROXY": inUse}, ""},
		"without a scheme":       {"http://collector", map[string]string{"HTTPS_PROXY": "proxy.example:3128"}, inUse},
		"not for a host":         {"http://collector", map[string]string{"HTTPS_PROXY": inUse, "NO_PROXY": "a,collector"}, ""},
		"not for a lower case":   {"http://collector", map[string]string{"HTTPS_PROXY": inUse, "no_proxy": "collector"}, ""},
		"not for a sidecar":      {"http://127.0.0.1:4317", map[string]string{"HTTPS_PROXY": inUse}, ""},
		"not for a socket":       {"unix:///run/otel.sock", map[string]string{"HTTPS_PROXY": inUse}, ""},
		"that speaks SOCKS":      {"http://collector", map[string]string{"HTTPS_PROXY": "socks5://u:" + hush + "@proxy.example"}, "HTTPS_PROXY names a proxy of socks5"},
		"over TLS":               {"http://collector", map[string]string{"https_proxy": "https://u:" + hush + "@proxy.example"}, "https_proxy names a proxy of https"},
		"of SOCKS but not asked": {"http://collector", map[string]string{"HTTPS_PROXY": "socks5://proxy.example", "NO_PROXY": "*"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			getenv := func(name string) string {
				if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
					return test.endpoint
				}
				return test.environment[name]
			}
			settings, err := otlp.Resolve(t.Context(), otlp.Flags{}, nil, getenv)
			have := ""
			switch {
			case err != nil:
				have = err.Error()
			case settings.Proxy != nil:
				have = settings.Proxy.String()
			}
			if failed := err != nil; !strings.HasPrefix(strings.TrimPrefix(have, "push over OTLP: "), test.want) || (test.want == "") != (have == "") ||
				failed && !strings.Contains(have, "NO_PROXY") || strings.Contains(have, hush) {
				t.Errorf("want %q, have %q", test.want, have)
			}
		})
	}
}
