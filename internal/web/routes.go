package web

import (
	"io"
	"net/http"
	"net/http/pprof"

	"github.com/klauspost/compress/gzhttp"

	"datahub_exporter/source"
)

// Metrics is one documented path.
type Metrics struct {
	Kind    source.Kind
	Handler http.Handler
}

// Options say what is served.
type Options struct {
	// Documented are the documented paths, Self serves /metrics.
	Documented []Metrics
	Self       http.Handler
	// Sources are what the status and the targets are read from.
	Sources Sources
	// Reload is what /-/reload does; nil refuses it.
	Reload Reload
	// Profiles is whether /debug/pprof/ is served.
	Profiles bool
	// Version is shown on the page.
	Version string
	// AlertmanagerURL is where the page links to for silences, without a slash at its end;
	// empty links to none.
	AlertmanagerURL string
}

// Routes returns the handler of the server: the documented paths, the
// exporter's own metrics at /metrics, /-/healthy, /-/ready, /-/reload, the targets
// for Prometheus' service discovery, and the status of the sources as a page at /
// and as JSON.
func Routes(options Options) (http.Handler, error) {
	mux := http.NewServeMux()
	var paths []string
	for _, metrics := range options.Documented {
		mux.Handle("GET "+metrics.Kind.Path, limited(maxScrapes, withScrapeDeadline(metrics.Handler)))
		paths = append(paths, metrics.Kind.Path)
	}
	mux.Handle("GET /metrics", limited(maxScrapes, options.Self))
	mux.Handle("GET "+discoveryPath, gzhttp.GzipHandler(limited(maxDiscoveries, discovery(options.Sources))))
	mux.HandleFunc("GET /-/healthy", plainText("datahub_exporter is healthy."))
	// Readiness does not depend on the cloud: if an outage of the cloud made the
	// exporter not ready, it would take away the series about itself.
	mux.HandleFunc("GET /-/ready", plainText("datahub_exporter is ready."))
	// Another site's page must not use a password that the browser knows.
	mux.Handle("/-/reload", http.NewCrossOriginProtection().Handler(lifecycle(options.Reload)))
	if options.Profiles {
		mux.Handle("/debug/pprof/", profiles())
	}
	page, err := newPage(&documentCache{sources: options.Sources}, append(paths, "/metrics"), options.Version)
	if err != nil {
		return nil, err
	}
	page.alertmanager = options.AlertmanagerURL
	page.register(mux)
	return withDefaultHeaders(mux), nil
}

// profiles serves the profiles of the process.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return limited(maxProfiles, mux)
}

func plainText(line string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, line+"\n")
	}
}
