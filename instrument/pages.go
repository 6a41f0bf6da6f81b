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

// maxPages is how many formats of one exposition are kept. Prometheus servers of
// different versions ask for two or three.
const maxPages = 8

// pages keeps the answers that were made of the newest snapshots, so that all who
// ask for the same snapshots in the same format share the bytes. One page is made
// at a time.
type pages struct {
	turn       chan struct{} // holds a token while no page is made
	snapshots  []*source.Snapshot
	generation int // of the snapshots
	byFormat   map[string]*page
}

func newPages() *pages {
	p := &pages{turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

// render returns an exposition of snapshots in parts, with the families of these
// names, or with all.
type render func(format expfmt.Format, generation int, snapshots []*source.Snapshot, names []string) ([][]byte, error)

// of returns the answer to a request, made by render unless it is known. Its
// error is that of ctx: what has ended is not rendered.
func (p *pages) of(ctx context.Context, snapshots []*source.Snapshot, request *http.Request, render render) (*page, error) {
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
		p.generation++
	}
	// With name[] families are left out: such an answer is not shared.
	key, names := formatOf(request.Header), request.URL.Query()["name[]"]
	if known, ok := p.byFormat[key]; ok && len(names) == 0 {
		return known, nil
	}
	format := negotiated(request.Header)
	parts, err := render(format, p.generation, snapshots, names)
	if err != nil {
		return failed(err), nil
	}
	made, err := newPage(format, encodingOf(request.Header), parts)
	if err != nil {
		return failed(err), nil
	}
	if len(names) == 0 {
		if len(p.byFormat) >= maxPages {
			clear(p.byFormat)
		}
		p.byFormat[key] = made
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

// failed says why there is no exposition.
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
