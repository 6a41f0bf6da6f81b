package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"datahub_exporter/internal/web"
)

// A reload is answered as in Prometheus.
func TestReload(t *testing.T) {
	reloads := func(note string, err error) web.Reload {
		return func(context.Context) (string, error) { return note, err }
	}
	tests := map[string]struct {
		method string
		reload web.Reload
		status int
		body   string
	}{
		"done":                 {"POST", reloads("", nil), 200, ""},
		"done by PUT":          {"PUT", reloads("", nil), 200, ""},
		"needs a restart":      {"POST", reloads("[otlp] has changed", nil), 200, "[otlp] has changed\n"},
		"refused":              {"POST", reloads("", errors.New("read configuration x: no")), 500, "failed to reload config: read configuration x: no\n"},
		"not enabled":          {"POST", nil, 403, "Lifecycle API is not enabled: start the exporter with --web.enable-lifecycle, or send it SIGHUP.\n"},
		"read by mistake":      {"GET", reloads("", errors.New("must not be called")), 405, "Only POST or PUT requests allowed\n"},
		"another, not enabled": {"DELETE", nil, 405, "Only POST or PUT requests allowed\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			routes, err := web.Routes(web.Options{Self: http.NotFoundHandler(), Reload: test.reload})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(routes)
			t.Cleanup(server.Close)
			request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+"/-/reload", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || string(body) != test.body {
				t.Errorf("want %d %q, have %d %q, %v", test.status, test.body, response.StatusCode, body, err)
			}
		})
	}
}
