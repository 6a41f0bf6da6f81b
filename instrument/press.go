package instrument

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"weak"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"datahub_exporter/source"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrape is what a scrape is answered from: the snapshots of the targets that it
// wants, and those of all targets, which decide what labels the series have.
type scrape struct {
	wanted, all []*source.Snapshot
}

// narrowed reports whether the scrape leaves out a target.
func (s scrape) narrowed() bool { return len(s.wanted) < len(s.all) }

// press makes the answers of scrapes, one at a time.
//
// Each exposition has two of them. Narrowed scrapes have their own, with its own
// families and cache, so that a scrape of everything neither waits for them nor
// loses what it shares with others.
type press struct {
	families []*family
	pages    *pages
	labels   *labelCache
	errors   promhttp.Logger

	// What the families were last made of, and a number that goes up when that
	// changes. Weak pointers keep no snapshot alive.
	madeOf     []weak.Pointer[source.Snapshot]
	several    bool
	generation int
}

func newPress(kept memory, labels *labelCache, log promhttp.Logger) *press {
	return &press{pages: newPages(kept), labels: labels, errors: log}
}

// answer returns the answer to a scrape, in the format that the scraper asks for.
// Scrapes of the same snapshots with the same key get the same bytes.
func (p *press) answer(r *http.Request, wanted scrape, narrowing narrowing, key string) (*page, error) {
	return p.pages.of(r.Context(), wanted, key+formatOf(r.Header), func() (*page, error) {
		format := negotiated(r.Header)
		parts, err := p.render(format, wanted, narrowing.families)
		if err != nil {
			p.errors.Println("make exposition:", err)
			return nil, err
		}
		return newPage(format, encodingOf(r.Header), parts)
	})
}

// render returns an exposition of exactly these snapshots in parts: of the named
// families, or of all if names is nil. The families are made concurrently.
func (p *press) render(format expfmt.Format, wanted scrape, names []string) ([][]byte, error) {
	format = format.WithEscapingScheme(model.NoEscaping) // no name needs it
	labels := p.labels.of(wanted)
	madeOf, several := weakly(wanted.wanted), severalAccounts(wanted.all)
	if !slices.Equal(madeOf, p.madeOf) || several != p.several {
		p.madeOf, p.several = madeOf, several
		p.generation++
	}
	exposed := make([][][]byte, len(p.families))
	var making errgroup.Group
	making.SetLimit(runtime.GOMAXPROCS(0))
	for i, family := range p.families {
		if names != nil && !slices.Contains(names, family.name) {
			continue
		}
		making.Go(func() (err error) {
			exposed[i], err = family.expose(format, p.generation, wanted.wanted, labels)
			return err
		})
	}
	if err := making.Wait(); err != nil {
		return nil, err
	}
	end, err := ending(format)
	return append(slices.Concat(exposed...), end), err
}

func (p *press) shutdown(ctx context.Context) error {
	<-p.pages.turn // a scrape may outlive the server
	defer func() { p.pages.turn <- struct{}{} }()
	var failures []error
	for _, family := range p.families {
		if family.provider != nil {
			failures = append(failures, family.provider.Shutdown(ctx))
		}
	}
	return errors.Join(failures...)
}
