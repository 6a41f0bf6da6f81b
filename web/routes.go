package web

import (
	"fmt"
	"io"
	"net/http"

	"github.com/prometheus/exporter-toolkit/web"

	"datahub_exporter/instrument"
)

// maxScrapes is how many scrapes of one path are answered at once. One that waits
// costs some 20 kB, and HTTP/2 allows many on one connection.
const maxScrapes = 500

// Metrics is one documented path.
type Metrics struct {
	Kind    instrument.Kind
	Handler http.Handler
}

// Routes returns the handler of the whole server: the documented paths, the
// exporter's own metrics (self) at /metrics, /-/healthy, /-/ready, /-/reload,
// which is refused if reload is nil, and the page at /. Version is shown on the
// page.
func Routes(documented []Metrics, self http.Handler, reload Reload, version string) (http.Handler, error) {
	page, err := landingPage(documented, version)
	if err != nil {
		return nil, fmt.Errorf("render landing page: %w", err)
	}
	mux := http.NewServeMux()
	for _, metrics := range documented {
		mux.Handle("GET "+metrics.Kind.Path, limited(withScrapeDeadline(metrics.Handler)))
	}
	mux.Handle("GET /metrics", self)
	mux.HandleFunc("GET /-/healthy", say("datahub_exporter is healthy."))
	// Ready does not ask the cloud: were it not ready during an outage of the
	// cloud's, the outage would take the series about itself away.
	mux.HandleFunc("GET /-/ready", say("datahub_exporter is ready."))
	mux.Handle("/-/reload", lifecycle(reload))
	mux.Handle("GET /{$}", page)
	return mux, nil
}

func landingPage(documented []Metrics, version string) (http.Handler, error) {
	var links []web.LandingLinks
	for _, metrics := range documented {
		links = append(links, web.LandingLinks{
			Address:     metrics.Kind.Path,
			Text:        metrics.Kind.Path,
			Description: "status of the " + metrics.Kind.Noun,
		})
	}
	links = append(links,
		web.LandingLinks{Address: "/metrics", Text: "/metrics", Description: "the exporter's own health"},
		web.LandingLinks{Address: "/-/healthy", Text: "/-/healthy", Description: "200 while the process serves"},
		web.LandingLinks{Address: "/-/ready", Text: "/-/ready", Description: "200 once it can be scraped"},
	)
	return web.NewLandingPage(web.LandingConfig{
		Name:        "datahub_exporter",
		Description: "CKafka connectors as Prometheus and OpenTelemetry metrics",
		Version:     version,
		Profiling:   "false",
		Links:       links,
	})
}

// limited answers at most maxScrapes requests at once, and refuses more.
func limited(next http.Handler) http.Handler {
	places := make(chan struct{}, maxScrapes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, fmt.Sprintf("more than %d scrapes at once", maxScrapes), http.StatusServiceUnavailable)
		}
	})
}

func say(line string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, line+"\n")
	}
}
