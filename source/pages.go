package source

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	// fanOut is how many pages of a listing are fetched concurrently: as many as
	// the API's quota allows, so that 2,000 items take two round trips.
	fanOut = DefaultQPS
	// maxPasses is how often an inconsistent listing is read before the union of
	// what was seen is published.
	maxPasses = 3
	// maxClaim is the largest TotalCount that is believed; up to it, float64 and
	// int64 both count exactly.
	maxClaim = 1 << 50
)

// paging is what a refresh knows of the pages from the one before.
type paging struct {
	total int64 // items of the last consistent listing; its pages are fetched at once
	step  int64 // from one page to the next; 0 for PageSize before the first
}

// read reads the whole listing. A listing is consistent if every page reports the
// same TotalCount and that many different IDs arrive. Items that come and go between
// two pages make it inconsistent, and so do pages that are shorter than was asked for.
// Then it is read again, in steps of the longest page that arrived. What a consistent
// listing has shown of the pages becomes known.
func read(ctx context.Context, list List, known *paging) (*Listing, error) {
	next, union := *known, newPass(*known)
	for range maxPasses {
		pass, err := readPass(ctx, list, next)
		if err != nil {
			return nil, err
		}
		next.step = pass.nextStep()
		if pass.consistent() {
			*known = paging{total: int64(pass.total), step: next.step}
			return pass.listing()
		}
		before := len(union.items)
		union.merge(pass)
		if len(union.items) == before { // shorter steps bring nothing
			next.step = PageSize
		}
	}
	return union.listing()
}

// readPass reads the pages of the listing before, or else the first one, and then
// those that the TotalCount claims, fanOut of them concurrently. It ends whatever the
// API claims. The last page is one that brings no new ID, a short one after which
// nothing more is claimed, or the one that completes the TotalCount.
func readPass(ctx context.Context, list List, known paging) (*pass, error) {
	pass := newPass(known)
	for workers := pass.plan(); workers > 0; workers = pass.plan() {
		group, ctx := errgroup.WithContext(ctx)
		for range workers {
			group.Go(func() error { return pass.read(ctx, list) })
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	return pass, nil
}

// pass is one reading of a listing.
type pass struct {
	mu    sync.Mutex
	items []Item
	index map[string]int // of items, by ID
	// skipped counts the elements without an ID.
	skipped int
	// total is the TotalCount of the newest page, NaN if it had none.
	total float64
	// steady is whether all pages reported the same TotalCount.
	steady bool
	pages  int
	// last is whether a page was the last one, whatever the others claim.
	last bool
	// next is the offset of the next page, step that from one page to the next. The
	// pages of this round lie before end.
	next, step, end int64
	expected        int64 // items of the first round
	longest         int   // items of a page
}

func newPass(known paging) *pass {
	return &pass{index: map[string]int{}, steady: true, step: cmp.Or(known.step, PageSize), expected: known.total}
}

// nextStep returns the step for the next reading: with that of the longest page, nothing
// is missed between pages that are shorter than was asked for.
func (p *pass) nextStep() int64 {
	switch longest := int64(p.longest); {
	case longest == 0 || longest >= PageSize || !(p.total > float64(longest)):
		return PageSize
	case !p.consistent():
		return min(longest, p.step)
	case longest > p.step: // the API sends longer pages again
		return PageSize
	}
	return p.step
}

// plan sets the pages of the next round and returns how many workers read them, 0 at
// the end.
func (p *pass) plan() int {
	switch {
	case p.last || p.consistent():
		return 0
	case p.pages == 1 && p.step < PageSize:
		// One more page shows whether there is anything behind a short one, whatever
		// is claimed.
		p.end = p.next + p.step
	case p.pages > 0 && p.total > float64(p.next):
		p.end = int64(min(p.total, maxClaim))
	default:
		// These are the first pages; or all that was claimed is read, and the pages
		// are still full.
		p.end = max(p.next+p.step, p.expected)
	}
	return int(min((p.end-p.next+p.step-1)/p.step, fanOut))
}

// read reads pages until none of the round is left.
func (p *pass) read(ctx context.Context, list List) error {
	for offset, ok := p.take(); ok; offset, ok = p.take() {
		page, err := list(ctx, offset)
		if err != nil {
			return err
		}
		p.add(page, offset)
	}
	return nil
}

// take returns the offset of the next page.
func (p *pass) take() (offset int64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last || p.next >= p.end {
		return 0, false
	}
	offset = p.next
	p.next += p.step
	return offset, true
}

func (p *pass) add(page Page, offset int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.items)
	p.put(page.Items)
	// A page may be short because it was filtered after paging.
	short := len(page.Items) < int(p.step) && !(page.Total > float64(offset+p.step))
	p.last = p.last || short || len(p.items) == before
	p.longest = max(p.longest, len(page.Items))
	p.steady = p.steady && (p.pages == 0 || page.Total == p.total)
	p.total = page.Total
	p.pages++
}

// put keeps the newest reading of each ID.
func (p *pass) put(items []Item) {
	for _, item := range items {
		i, known := p.index[item.ID]
		switch {
		case item.ID == "":
			p.skipped++
		case known:
			p.items[i] = item
		default:
			p.index[item.ID] = len(p.items)
			p.items = append(p.items, item)
		}
	}
}

func (p *pass) merge(newer *pass) {
	p.put(newer.items)
	p.skipped, p.total = newer.skipped, newer.total
}

func (p *pass) consistent() bool {
	return p.steady && p.pages > 0 && float64(len(p.items)+p.skipped) == p.total
}

// listing returns what was read. An empty listing is a failure unless the API says
// that there is nothing: publishing it would silence every alert.
func (p *pass) listing() (*Listing, error) {
	if len(p.items) == 0 && p.total != 0 {
		return nil, &Error{Class: Decode, Message: fmt.Sprintf(
			"answer lists no usable item, though its TotalCount is %v", p.total)}
	}
	// The pages arrive in any order.
	slices.SortFunc(p.items, func(a, b Item) int { return strings.Compare(a.ID, b.ID) })
	return &Listing{
		Items:    p.items,
		Reported: p.total,
		Skipped:  p.skipped,
		Complete: p.consistent() && p.skipped == 0,
	}, nil
}
