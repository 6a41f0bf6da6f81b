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
		stored := strings.HasPrefix(path, "/page/") || strings.HasPrefix(path, "/docs/") // as long as the program is the same
		if have := response.Header.Get("Cache-Control"); (have == "no-store") == stored {
			t.Errorf("%s: may be stored: %t, have Cache-Control %s", path, stored, have)
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
