package web

import (
	"fmt"
	"net/http"
	"sync"
)

// shares are how many requests of each kind are answered at once.
type shares struct {
	// whole and narrowed are for scrapes of one path. A waiting scrape costs some
	// 20 kB, and HTTP/2 allows many on one connection.
	whole, narrowed int
	// readers are for the page, and as many again for its JSON. The page for a slow
	// reader takes up to a megabyte.
	readers int
	// discoverers are for servers that ask for the targets.
	discoverers int
}

// sharesOf divides that many connections. All requests at once leave some of them
// for health checks.
func sharesOf(connections int) shares {
	percent := func(percent int) int { return max(1, connections*percent/100) }
	return shares{whole: percent(27), narrowed: percent(15), readers: percent(5), discoverers: percent(2)}
}

// scrapes bounds the scrapes of a path. Narrowed ones, of which there may be one
// for each target, take no place from scrapes of everything.
func (s shares) scrapes(next http.Handler) http.Handler {
	whole, narrowed := limited(s.whole, next), limited(s.narrowed, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			narrowed.ServeHTTP(w, r)
			return
		}
		whole.ServeHTTP(w, r)
	})
}

// places are the places for requests that are answered at once.
//
// With basic authentication, an account takes no more places than it leaves free,
// so that an account that asks for everything leaves half of the places to the
// others, a second one half of the rest, and so on. Without configured passwords a
// client may use any name: then it can fill the places, as can a client without a
// name.
type places struct {
	most int

	mu    sync.Mutex
	taken int
	by    map[string]int // by account; only those with places
}

// limited answers up to most requests at once, and refuses more.
func limited(most int, next http.Handler) http.Handler {
	places := &places{most: most, by: map[string]int{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account, _, _ := r.BasicAuth()
		if refusal := places.take(account); refusal != "" {
			w.Header().Set("Retry-After", "1")
			http.Error(w, refusal, http.StatusServiceUnavailable)
			return
		}
		defer places.free(account)
		next.ServeHTTP(w, r)
	})
}

// take takes a place for an account, which is empty if the client gave none. It
// returns why there is no place, or "" if it took one.
func (p *places) take(account string) (refusal string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch left := p.most - p.taken; {
	case left == 0:
		return fmt.Sprintf("more than %d requests for this path at once", p.most)
	case account != "" && p.by[account] >= left:
		return fmt.Sprintf("%d requests of this account for this path at once, and the %d places left are for others", p.by[account], left)
	}
	p.taken++
	p.by[account]++
	return ""
}

func (p *places) free(account string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.by[account]--; p.by[account] == 0 {
		delete(p.by, account)
	}
}
