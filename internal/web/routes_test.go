package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/web"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// serve starts a server with handlers that answer with what they are.
func serve(t *testing.T, documented http.Handler) *httptest.Server {
	t.Helper()
	var metrics []web.Metrics
	for _, kind := range source.Kinds() {
		metrics = append(metrics, web.Metrics{Kind: kind, Handler: documented})
	}
	self := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "self") })
	routes, err := web.Routes(web.Options{Documented: metrics, Self: self, Sources: source.Open(ckafka.New(nil, ckafka.Options{}).Listers(nil), source.Options{}), Version: "(version=1.2.3)"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	return server
}

func TestRoutes(t *testing.T) {
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "series") }))
	tests := []struct {
		method, path string
		status       int
		body         string // that the answer contains
	}{
		{"GET", "/api/v1/ckafka/datahub_tasks/metrics", 200, "series"},
		{"GET", "/api/v1/ckafka/connect_resources/metrics", 200, "series"},
		{"HEAD", "/api/v1/ckafka/connect_resources/metrics", 200, ""},
		{"POST", "/api/v1/ckafka/connect_resources/metrics", 405, ""},
		{"GET", "/api/v1/ckafka/connect_resources", 404, ""},
		{"GET", "/metrics", 200, "self"},
		{"GET", "/-/healthy", 200, "datahub_exporter is healthy."},
		{"GET", "/-/ready", 200, "datahub_exporter is ready."},
		{"GET", "/", 200, `<a href="api/v1/ckafka/datahub_tasks/metrics">`},
		{"GET", "/", 200, `<a href="api/v1/ckafka/connect_resources/metrics">`},
		{"GET", "/", 200, `<a href="metrics">`},
		{"GET", "/", 200, "(version=1.2.3)"},
		{"HEAD", "/", 200, ""},
		{"POST", "/", 405, ""},
		{"GET", "/api/v1/ckafka/status", 200, `"items":[]`},
		{"HEAD", "/api/v1/ckafka/status", 200, ""},
		{"GET", "/docs/status.md", 200, "# The status page"},
		{"GET", "/docs/zh-CN/operations.md", 200, "# 运维手册"},
		{"GET", "/?lang=zh-CN", 200, `<a href="docs/zh-CN/operations.md">`},
		{"GET", "/?lang=zh-CN", 200, `<a href="docs/README.md">`},
		{"GET", "/?lang=en", 200, `<a href="docs/operations.md">`},
		{"GET", "/docs/docs.go", 404, ""},
		{"GET", "/docs/zh-CN/", 404, ""},
		{"GET", "/docs/", 404, ""},
		{"GET", "/page/page.html", 404, ""},
		{"GET", "/favicon.ico", 404, ""},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || !strings.Contains(string(body), test.body) {
				t.Errorf("want %d with %q, have %d with:\n%s", test.status, test.body, response.StatusCode, body)
			}
		})
	}
}

func TestScrapeDeadline(t *testing.T) {
	tests := map[string]struct {
		header string
		want   time.Duration // 0: no deadline
	}{
		"as Prometheus sends it": {"10", 10 * time.Second},
		"a fraction":             {"0.25", 250 * time.Millisecond},
		"none":                   {"", 0},
		"zero":                   {"0", 0},
		"negative":               {"-3", 0},
		"no number":              {"soon", 0},
		"not a number":           {"NaN", 0},
		"absurd":                 {"1e300", time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var deadline time.Time
			var before time.Time
			server := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { deadline, _ = r.Context().Deadline() }))
			request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+source.TaskKind().Path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.header != "" {
				request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", test.header)
			}
			before = time.Now()
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			spent := time.Since(before)
			if test.want == 0 {
				if diff := cmp.Diff(time.Time{}, deadline); diff != "" {
					t.Errorf("deadline (-want +have):\n%s", diff)
				}
				return
			}
			// The deadline was set at some time while the request ran.
			if have := deadline.Sub(before); have < test.want || have > test.want+spent {
				t.Errorf("deadline: want %v to %v from the start, have %v", test.want, test.want+spent, have)
			}
		})
	}
}
