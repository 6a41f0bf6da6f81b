package web

import (
	"fmt"
	"net/http"
	"sync"

	"datahub_exporter/instrument"
)

// shares are how many requests of a kind are answered at once.
type shares struct {
	// whole and narrowed are scrapes of one path. One that waits costs some 20 kB,
	// and HTTP/2 allows many on one connection.
	whole, narrowed int
	// readers are those of the page, and as many of its JSON. The page of one that
	// is slow takes up to a megabyte.
	readers int
	// discoverers are servers that ask for the targets.
	discoverers int
}

// sharesOf divides so many connections. All requests at once leave some of them for
// health.
func sharesOf(connections int) shares {
	percent := func(percent int) int { return max(1, connections*percent/100) }
	return shares{whole: percent(27), narrowed: percent(15), readers: percent(5), discoverers: percent(2)}
}

// scrapes bounds the scrapes of a path. Narrowed ones, of which there may be one for
// each target, take no place from those that want everything.
func (s shares) scrapes(next http.Handler) http.Handler {
	whole, narrowed := limited(s.whole, next), limited(s.narrowed, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if instrument.Narrowed(r) {
			narrowed.ServeHTTP(w, r)
			return
		}
		whole.ServeHTTP(w, r)
	})
}

// places are those of the requests that are answered at once.
//
// With basic authentication an account takes no more than it leaves free, so that
// one which asks for everything leaves half of the places to the others, a second
// one half of what is left, and so on. Where no passwords are configured a client may
// call itself as it likes: then it can fill the places, as one without a name can.
type places struct {
	most int

	mu    sync.Mutex
	taken int
	by    map[string]int // account that has any
}

// limited answers at most so many requests at once, and refuses more.
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

// take returns why there is no place for an account, "" if it has one now. The
// account is empty where the client gave none.
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
