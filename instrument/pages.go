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

// maxPages is how many formats of one exposition are kept. Prometheus servers of
// different versions ask for two or three.
const maxPages = 8

// pages keeps the answers that were made of the newest snapshots, so that all who
// ask for the same snapshots in the same format share the bytes. One page is made
// at a time.
type pages struct {
	turn      chan struct{} // holds a token while no page is made
	snapshots []*source.Snapshot
	byFormat  map[string]*page
	// sizes are how long the last answer in each format was: the next one will
	// be about as long, and to grow to that takes twice the memory.
	sizes map[string]int
}

func newPages() *pages {
	p := &pages{turn: make(chan struct{}, 1), sizes: map[string]int{}}
	p.turn <- struct{}{}
	return p
}

// of returns the answer to a request, made by render unless it is known. Its
// error is that of ctx: what has ended is not rendered.
func (p *pages) of(ctx context.Context, snapshots []*source.Snapshot, request *http.Request, render func(http.ResponseWriter)) (*page, error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { p.turn <- struct{}{} }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !slices.Equal(p.snapshots, snapshots) {
		p.snapshots, p.byFormat = snapshots, map[string]*page{}
	}
	// With name[] families are left out: such an answer is not shared.
	format, shared := formatOf(request.Header), !request.URL.Query().Has("name[]")
	if known, ok := p.byFormat[format]; ok && shared {
		return known, nil
	}
	made := &page{header: http.Header{}, status: http.StatusOK}
	if shared {
		made.body.Grow(p.sizes[format] + p.sizes[format]/16)
	}
	render(made)
	if made.status == http.StatusOK && shared {
		if len(p.byFormat) >= maxPages {
			clear(p.byFormat)
			clear(p.sizes)
		}
		p.byFormat[format], p.sizes[format] = made, made.body.Len()
	}
	return made, nil
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
