package instrument

import (
	"bytes"
	"compress/gzip"
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

// pages makes each answer once, one at a time, for all who ask for the same.
type pages struct {
	turn chan struct{} // holds a token while no page is made
	kept memory
}

// memory keeps answers. It is used by one goroutine at a time.
type memory interface {
	// known returns the answer that was kept under a key if it was made of what the
	// scrape wants, or nil.
	known(key string, wanted scrape) *page
	keep(key string, wanted scrape, made *page)
}

func newPages(kept memory) *pages {
	p := &pages{turn: make(chan struct{}, 1), kept: kept}
	p.turn <- struct{}{}
	return p
}

// of returns the answer to a scrape; it calls render unless the answer is known.
// Its error is that of ctx: nothing is rendered for a scrape that has ended.
func (p *pages) of(ctx context.Context, wanted scrape, key string, render func() (*page, error)) (*page, error) {
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
	made, err := render()
	if err != nil {
		return failed(err), nil
	}
	p.kept.keep(key, wanted, made)
	return made, nil
}

// newest keeps the answers that were made of the newest snapshots.
type newest struct {
	snapshots []*source.Snapshot
	byKey     map[string]*page
}

func newNewest() *newest { return &newest{byKey: map[string]*page{}} }

func (n *newest) known(key string, wanted scrape) *page {
	if !slices.Equal(n.snapshots, wanted.wanted) {
		n.snapshots, n.byKey = wanted.wanted, map[string]*page{}
	}
	return n.byKey[key]
}

func (n *newest) keep(key string, _ scrape, made *page) {
	if len(n.byKey) >= maxPages {
		clear(n.byKey)
	}
	n.byKey[key] = made
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

// encodingOf returns gzip if the scraper accepts it, and identity otherwise.
func encodingOf(header http.Header) string {
	for offer := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(offer, ";")
		if strings.TrimSpace(name) == "gzip" && !zeroWeight.MatchString(weight) {
			return "gzip"
		}
	}
	return "identity"
}

// zeroWeight matches a weight that refuses the encoding before it.
var zeroWeight = regexp.MustCompile(`^\s*q=0(\.0*)?\s*$`)

// page is an answer in memory. It is never changed.
type page struct {
	header http.Header
	status int
	body   [][]byte
}

// newPage returns an exposition that is made of parts.
func newPage(format expfmt.Format, encoding string, parts [][]byte) (*page, error) {
	made := &page{http.Header{"Content-Type": {string(format)}, "Vary": {"Accept", "Accept-Encoding"}}, http.StatusOK, parts}
	if encoding != "gzip" {
		return made, nil
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	for _, part := range parts {
		if _, err := zip.Write(part); err != nil {
			return nil, err
		}
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	made.header.Set("Content-Encoding", "gzip")
	made.body = [][]byte{packed.Bytes()}
	return made, nil
}

// size returns how many bytes the page takes.
func (p *page) size() int {
	size := 0
	for _, part := range p.body {
		size += cap(part)
	}
	return size
}

// failed returns a page that says why there is no exposition.
func failed(err error) *page {
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}}
	return &page{header, http.StatusInternalServerError, [][]byte{[]byte(err.Error() + "\n")}}
}

// send writes the page to a client. It is safe for concurrent use.
func (p *page) send(w http.ResponseWriter) error {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.WriteHeader(p.status)
	for _, part := range p.body {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
