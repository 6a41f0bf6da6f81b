package web

import (
	"fmt"
	"io"
	"net/http"

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

// maxReaders is how many readers of the status are answered at once. The page of
// one that is slow takes up to a megabyte.
const maxReaders = 50

// Routes returns the handler of the whole server: the documented paths, the
// exporter's own metrics (self) at /metrics, /-/healthy, /-/ready, /-/reload,
// which is refused if reload is nil, and the status of the sources as a page at /
// and as JSON. Version is shown on the page.
func Routes(documented []Metrics, self http.Handler, sources Sources, reload Reload, version string) (http.Handler, error) {
	mux := http.NewServeMux()
	var paths []string
	for _, metrics := range documented {
		mux.Handle("GET "+metrics.Kind.Path, limited(maxScrapes, withScrapeDeadline(metrics.Handler)))
		paths = append(paths, metrics.Kind.Path)
	}
	mux.Handle("GET /metrics", self)
	mux.HandleFunc("GET /-/healthy", say("datahub_exporter is healthy."))
	// Ready does not ask the cloud: were it not ready during an outage of the
	// cloud's, the outage would take the series about itself away.
	mux.HandleFunc("GET /-/ready", say("datahub_exporter is ready."))
	mux.Handle("/-/reload", lifecycle(reload))
	page, err := newPage(&reader{sources: sources}, append(paths, "/metrics"), version)
	if err != nil {
		return nil, err
	}
	page.register(mux)
	return mux, nil
}

// limited answers at most so many requests at once, and refuses more.
func limited(most int, next http.Handler) http.Handler {
	places := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, fmt.Sprintf("more than %d requests for this path at once", most), http.StatusServiceUnavailable)
		}
	})
}

func say(line string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, line+"\n")
	}
}
