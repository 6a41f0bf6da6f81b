package instrument

import (
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"datahub_exporter/errorlog"
	"datahub_exporter/source"
)

// scrape is what one scrape is answered with: the snapshots of the targets that it
// wants, and those of all, which say what labels the series have.
type scrape struct {
	wanted, all []*source.Snapshot
}

// narrowed is whether the scrape leaves out a target.
func (s scrape) narrowed() bool { return len(s.wanted) < len(s.all) }

// press makes the answers of scrapes, one at a time: the Prometheus exporter
// collects with a context of its own (client_golang#1538), so the callbacks cannot
// be told which scrape they are called for.
//
// There are two for each exposition. Narrowed scrapes have one of their own, with
// instruments and a cache of its own, so that whoever wants everything neither waits
// for them nor loses the bytes that it shares with others.
type press struct {
	families []*family
	pages    *pages
	zip      *gzip.Writer // which has 0.8 MB, more than most narrowed answers
	scraped  atomic.Pointer[scrape]
}

func newPress(kept memory) *press {
	return &press{pages: newPages(kept), zip: gzip.NewWriter(nil)}
}

// scrape returns the scrape under way.
func (p *press) scrape(context.Context) scrape {
	if scraped := p.scraped.Load(); scraped != nil {
		return *scraped
	}
	return scrape{}
}

// answer returns the answer to a scrape, in the format that the scraper asks for.
// Scrapes of the same snapshots with the same key get the same bytes.
func (p *press) answer(r *http.Request, wanted scrape, key string, log *errorlog.Log) (*page, error) {
	return p.pages.of(r.Context(), wanted, key+formatOf(r.Header), func(w http.ResponseWriter) error {
		p.scraped.Store(&wanted)
		defer p.scraped.Store(nil)
		err := write(w, r, p.families, p.zip)
		if err != nil {
			log.Println("make exposition:", err)
		}
		return err
	})
}

func (p *press) shutdown(ctx context.Context) error {
	var failures []error
	for _, family := range p.families {
		failures = append(failures, family.provider.Shutdown(ctx))
	}
	return errors.Join(failures...)
}
