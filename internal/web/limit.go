package web

import (
	"fmt"
	"net/http"
)

// How many requests are answered at once, far above what a few servers and people
// need. A waiting scrape costs some 20 kB, and a page takes about a megabyte.
const (
	maxScrapes     = 500 // for each path of metrics
	maxPages       = 50  // for the page, and as many for its JSON
	maxDiscoveries = 20
	maxProfiles    = 2 // because each takes CPU time from the scrapes
)

// limited answers up to limit requests at once, and refuses more.
func limited(limit int, next http.Handler) http.Handler {
	inFlight := make(chan struct{}, limit)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case inFlight <- struct{}{}:
			defer func() { <-inFlight }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, fmt.Sprintf("limit of %d concurrent requests reached for this path; try again later", limit), http.StatusServiceUnavailable)
		}
	})
}
