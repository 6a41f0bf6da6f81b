package source

import "sync"

// known holds what the last responses to a list call contained, page by page.
// Almost nothing changes from one refresh to the next, and what is unchanged is
// reused. So a refresh that returns the same items leaves next to nothing behind,
// and a reader of a snapshot can tell from a pointer that an item's details are the
// same. It is safe for concurrent use.
type known struct {
	mu          sync.Mutex
	last, newer map[int64][]Item // by offset; of the previous reading and of this one
}

// before returns the previous items of a page. A reading begins at offset 0.
func (k *known) before(offset int64) []Item {
	k.mu.Lock()
	defer k.mu.Unlock()
	if offset == 0 && len(k.newer) > 0 {
		k.last, k.newer = k.newer, nil
	}
	return k.last[offset]
}

// keep stores the items of a page, which must not be changed afterwards.
func (k *known) keep(offset int64, items []Item) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.newer == nil {
		k.newer = map[int64][]Item{}
	}
	k.newer[offset] = items
	delete(k.last, offset)
}

// like holds what an item probably resembles.
type like struct {
	before *Item    // nil if the item was not on its page before
	beside *Details // of the preceding item on the page
}

// details returns the details that the item probably has.
func (l like) details() *Details {
	if l.before == nil || l.before.Details == nil {
		return l.beside
	}
	return l.before.Details
}

// item returns an item. It shares the details of before if they are equal.
func (l like) item(id, name word, status whole, details Details) Item {
	before := l.before
	if before == nil {
		before = &Item{}
	}
	item := Item{ID: text(id).like(before.ID, ""), Name: text(name).like(before.Name, ""), Status: status.or(StatusUnknown)}
	switch {
	case details == (Details{}):
	case before.Details != nil && details == *before.Details:
		item.Details = before.Details
	default:
		item.Details = new(Details)
		*item.Details = details
	}
	return item
}

// like returns the text as a string. It reuses before or beside if one is equal.
func (t text) like(before, beside string) string {
	switch string(t) {
	case before:
		return before
	case beside:
		return beside
	default:
		return string(t)
	}
}

// like returns the number, nil if there is none. It reuses before if it is equal.
func (n amount) like(before *float64) *float64 {
	switch {
	case !n.there:
		return nil
	case before != nil && *before == n.value:
		return before
	default:
		return &n.value
	}
}

func (n amount) or(absent float64) float64 {
	if !n.there {
		return absent
	}
	return n.value
}

func (n whole) or(absent float64) float64 {
	if !n.there {
		return absent
	}
	return float64(n.value)
}
