package web

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// scrapeTimeoutHeader is the header in which Prometheus says how many seconds it
// waits for a scrape.
const scrapeTimeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

// maxScrapeTimeout keeps an absurd timeout from overflowing a duration.
const maxScrapeTimeout = time.Hour

// withScrapeDeadline gives the request's context the deadline that the scraper
// announced. If there is none, or it is not a positive number, the context stays as
// it is.
func withScrapeDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.ParseFloat(r.Header.Get(scrapeTimeoutHeader), 64)
		if err != nil || !(seconds > 0) {
			next.ServeHTTP(w, r)
			return
		}
		timeout := time.Duration(min(seconds, maxScrapeTimeout.Seconds()) * float64(time.Second))
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
