package web_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/web"
	"datahub_exporter/source"
)

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

// Every response forbids a browser what it does not need, including errors and
// unknown paths.
func TestDefaultHeaders(t *testing.T) {
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "series") }))
	page := []string{"/", "/?q=x", "/api/v1/ckafka/status", "/page/page.css", "/page/page.js", "/docs/status.md"}
	others := []string{"/metrics", "/-/healthy", "/-/reload", "/api/v1/ckafka/sd", "/api/v1/ckafka/datahub_tasks/metrics", "/nothing"}
	for _, path := range append(page, others...) {
		response := fetch(t, server, http.MethodGet, path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if have := response.Header.Values(name); len(have) != 1 || have[0] != want {
				t.Errorf("%s: %s: want %s, have %q", path, name, want, have)
			}
		}
		policy := response.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none';", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: want %s in the policy, have %s", path, part, policy)
			}
		}
		if loads := strings.Contains(policy, "script-src 'self'"); loads != slices.Contains(page, path) {
			t.Errorf("%s: may load scripts: %t", path, loads)
		}
	}
}

// A proxy that caches what it may, such as nginx with proxy_cache_valid, serves no old
// response: no route allows it, whatever its status.
func TestNothingMayBeStored(t *testing.T) {
	self := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "self") })
	var documented []web.Metrics
	for _, kind := range source.Kinds() {
		documented = append(documented, web.Metrics{Kind: kind, Handler: self})
	}
	handler := routes(t, web.Options{Documented: documented, Self: self, Sources: newRig(t, time.Hour).set, Profiles: true})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	tests := []struct {
		method, path string
		status       int
		header       []string
	}{
		{"GET", "/api/v1/ckafka/datahub_tasks/metrics", 200, nil},
		{"HEAD", "/api/v1/ckafka/connect_resources/metrics", 200, nil},
		{"POST", "/api/v1/ckafka/connect_resources/metrics", 405, nil},
		{"GET", "/metrics", 200, nil},
		{"GET", "/-/healthy", 200, nil},
		{"GET", "/-/ready", 200, nil},
		{"GET", "/-/reload", 405, nil},
		{"POST", "/-/reload", 403, nil},
		{"POST", "/-/reload", 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"GET", "/", 200, nil},
		{"GET", "/api/v1/ckafka/status", 200, []string{"Accept-Encoding", "gzip"}},
		{"GET", "/api/v1/ckafka/sd", 200, nil},
		{"GET", "/page/page.css", 200, nil},
		{"GET", "/page/page.js", 200, []string{"If-None-Match", "*"}},
		{"GET", "/docs/status.md", 200, []string{"Range", "bytes=99999999-"}},
		{"HEAD", "/docs/status.md", 200, []string{"If-Modified-Since", "Mon, 30 Nov 2026 00:00:00 GMT"}},
		{"GET", "/docs/nothing.md", 404, nil},
		{"GET", "//metrics", 307, nil},
		{"GET", "/page/../metrics", 307, nil},
		{"GET", "/debug/pprof", 307, nil},
		{"GET", "/debug/pprof/", 200, nil},
		{"GET", "/debug/pprof/nothing", 404, nil},
	}
	for _, test := range tests {
		response := fetch(t, server, test.method, test.path, test.header...)
		if have := response.Header.Values("Cache-Control"); response.StatusCode != test.status || len(have) != 1 || have[0] != "no-store" {
			t.Errorf("%s %s %q: want %d and no-store, have %d and %q", test.method, test.path, test.header, test.status, response.StatusCode, have)
		}
	}
}

// Headers that the operator has set for all responses stay.
func TestOperatorsHeadersStay(t *testing.T) {
	server := serve(t, http.NotFoundHandler())
	const policy = "frame-ancestors https://portal.example"
	operated := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Frame-Options", "sameorigin")
		server.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(operated.Close)
	for _, path := range []string{"/", "/-/healthy"} {
		header := fetch(t, operated, http.MethodGet, path).Header
		if header.Get("Content-Security-Policy") != policy || header.Get("X-Frame-Options") != "sameorigin" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: want the operator's headers and ours, have %v", path, header)
		}
	}
}

func fetch(t *testing.T, server *httptest.Server, method, path string, header ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// Another site's page cannot make a browser that knows the password reload;
// programs can.
func TestReloadFromAnotherSiteIsRefused(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	for site, allowed := range map[string]bool{"cross-site": false, "same-site": false, "same-origin": true, "none": true, "": true} {
		response := fetch(t, r.server, http.MethodPost, "/-/reload", "Sec-Fetch-Site", site)
		body, err := io.ReadAll(response.Body)
		arrived := strings.Contains(string(body), "--web.enable-lifecycle") // which is off
		if err != nil || response.StatusCode != http.StatusForbidden || arrived != allowed {
			t.Errorf("%q: want it to arrive: %t, have %s: %s", site, allowed, response.Status, body)
		}
	}
}

// Profiles are served only if they are enabled.
func TestProfiles(t *testing.T) {
	for _, enabled := range []bool{false, true} {
		routes, err := web.Routes(web.Options{Self: http.NotFoundHandler(), Profiles: enabled})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(routes)
		t.Cleanup(server.Close)
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/pprof/symbol"} {
			if have := fetch(t, server, http.MethodGet, path).StatusCode; (have == http.StatusOK) != enabled || !enabled && have != http.StatusNotFound {
				t.Errorf("%s, enabled: %t: have %d", path, enabled, have)
			}
		}
	}
}
