package source

import (
	"context"
	"fmt"
	"math"

	"golang.org/x/sync/errgroup"
)

const (
	// fanOut is how many pages of a listing are asked for side by side.
	fanOut = 8
	// maxPasses is how often an inconsistent listing is read before it is
	// published as the union of what was seen.
	maxPasses = 3
)

// fetch gives the page from an offset on.
type fetch func(ctx context.Context, offset int64) (page, error)

// read lists everything. A listing is consistent when every page reports the
// same TotalCount and as many different IDs arrive; items that come and go
// between two pages make it inconsistent, and then it is read again.
func read(ctx context.Context, fetch fetch) (*Listing, error) {
	union := newPass()
	for range maxPasses {
		pass, err := readPass(ctx, fetch)
		if err != nil {
			return nil, err
		}
		if pass.consistent() {
			return pass.listing()
		}
		union.merge(pass)
	}
	return union.listing()
}

// readPass reads the first page and then the rest in waves of fanOut pages. It
// ends whatever the API claims: a page that is short or brings no new ID is the
// last, and so is the page that completes the TotalCount.
func readPass(ctx context.Context, fetch fetch) (*pass, error) {
	pass := newPass()
	for next, width := int64(0), 1; width > 0; width = pass.ahead(next) {
		pages, err := fetchWave(ctx, fetch, next, width)
		if err != nil {
			return nil, err
		}
		for _, page := range pages {
			pass.add(page)
		}
		next += int64(width) * pageSize
	}
	return pass, nil
}

// fetchWave fetches width pages side by side, in the order of their offsets.
func fetchWave(ctx context.Context, fetch fetch, offset int64, width int) ([]page, error) {
	pages := make([]page, width)
	group, ctx := errgroup.WithContext(ctx)
	for i := range pages {
		group.Go(func() (err error) {
			pages[i], err = fetch(ctx, offset+int64(i)*pageSize)
			return err
		})
	}
	return pages, group.Wait()
}

// pass is one reading of a listing.
type pass struct {
	items []Item
	index map[string]int // of items, by ID
	// skipped counts the elements without an ID.
	skipped int
	// total is the TotalCount of the newest page, NaN where it had none.
	total float64
	// steady is whether all pages reported the same TotalCount.
	steady bool
	pages  int
	// last is whether a page was short or brought nothing new.
	last bool
}

func newPass() *pass {
	return &pass{index: map[string]int{}, steady: true}
}

func (p *pass) add(page page) {
	before := len(p.items)
	p.put(page.items)
	p.last = p.last || len(page.items) < pageSize || len(p.items) == before
	p.steady = p.steady && (p.pages == 0 || page.total == p.total)
	p.total = page.total
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
	return p.steady && float64(len(p.items)+p.skipped) == p.total
}

// ahead says how many pages to ask for next, from the offset next on.
func (p *pass) ahead(next int64) int {
	if p.last || p.consistent() {
		return 0
	}
	if claimed := math.Ceil((p.total - float64(next)) / pageSize); claimed > 1 {
		return int(min(claimed, fanOut))
	}
	// The claim is used up, or there is none, and the pages are still full.
	return 1
}

// listing gives what was read. Nothing at all, where the API does not say that
// there is nothing, is a failure: to publish it would silence every alert.
func (p *pass) listing() (*Listing, error) {
	if len(p.items) == 0 && p.total != 0 {
		return nil, &Error{Class: Decode, Message: fmt.Sprintf(
			"answer lists no usable item, though its TotalCount is %v", p.total)}
	}
	return &Listing{Items: p.items, Reported: p.total, Skipped: p.skipped}, nil
}
