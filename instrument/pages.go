package instrument

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/expfmt"

	"datahub_exporter/source"
)

// maxPages is how many formats of a whole exposition are kept. Prometheus servers of
// different versions ask for two or three.
const maxPages = 8

// pages has each answer made once, one at a time, for all who ask for the same.
type pages struct {
	turn chan struct{} // holds a token while no page is made
	kept memory
}

// memory keeps answers. It is used by one goroutine at a time.
type memory interface {
	// known returns the answer that was kept under a key if it was made of what the
	// scrape wants, or nil.
	known(key string, wanted scrape) *page
	// expected returns about how long an answer is going to be, 0 if that is not
	// known.
	expected(key string) int
	keep(key string, wanted scrape, made *page)
}

func newPages(kept memory) *pages {
	p := &pages{turn: make(chan struct{}, 1), kept: kept}
	p.turn <- struct{}{}
	return p
}

// of returns the answer to a scrape, made by render unless it is known. Its
// error is that of ctx: what has ended is not rendered.
func (p *pages) of(ctx context.Context, wanted scrape, key string, render func(http.ResponseWriter) error) (*page, error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { p.turn <- struct{}{} }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if known := p.kept.known(key, wanted); known != nil {
		return known, nil
	}
	made := &page{header: http.Header{}, status: http.StatusOK}
	made.body.Grow(p.kept.expected(key))
	if err := render(made); err != nil {
		failed := &page{header: http.Header{}}
		http.Error(failed, err.Error(), http.StatusInternalServerError)
		return failed, nil
	}
	p.kept.keep(key, wanted, made)
	return made, nil
}

// newest keeps the answers that were made of the newest snapshots.
type newest struct {
	snapshots []*source.Snapshot
	byKey     map[string]*page
	// sizes are how long the last answer in each format was: the next one will
	// be about as long, and to grow to that takes twice the memory.
	sizes map[string]int
}

func newNewest() *newest { return &newest{byKey: map[string]*page{}, sizes: map[string]int{}} }

func (n *newest) known(key string, wanted scrape) *page {
	if !slices.Equal(n.snapshots, wanted.wanted) {
		n.snapshots = wanted.wanted
		clear(n.byKey)
	}
	return n.byKey[key]
}

func (n *newest) expected(key string) int { return n.sizes[key] + n.sizes[key]/16 }

func (n *newest) keep(key string, _ scrape, made *page) {
	if len(n.byKey) >= maxPages {
		clear(n.byKey)
		clear(n.sizes)
	}
	n.byKey[key], n.sizes[key] = made, made.body.Len()
}

// formatOf returns what the bytes of an answer depend on: the format and the
// compression.
func formatOf(header http.Header) string {
	return fmt.Sprintf("%s %s", negotiated(header), encodingOf(header))
}

// negotiated returns the format that a scraper prefers.
func negotiated(header http.Header) expfmt.Format {
	return expfmt.NegotiateAccept(header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
}

// encodingOf returns gzip if it is accepted, or else identity.
func encodingOf(header http.Header) string {
	for offer := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(offer, ";")
		if strings.TrimSpace(name) == "gzip" && !zeroWeight.MatchString(weight) {
			return "gzip"
		}
	}
	return "identity"
}

// zeroWeight refuses what it follows.
var zeroWeight = regexp.MustCompile(`^\s*q=0(\.0*)?\s*$`)

// page is an answer in memory.
type page struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (p *page) Header() http.Header { return p.header }

// WriteHeader implements http.ResponseWriter.
func (p *page) WriteHeader(status int) { p.status = status }

// Write implements http.ResponseWriter.
func (p *page) Write(content []byte) (int, error) { return p.body.Write(content) }

// send writes the page to a client. It is safe for concurrent use.
func (p *page) send(w http.ResponseWriter) error {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.WriteHeader(p.status)
	_, err := w.Write(p.body.Bytes())
	return err
}
