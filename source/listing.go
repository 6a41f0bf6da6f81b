package source

import (
	"slices"
	"time"
)

// Listing is one response to a list call, all pages together. It is never changed
// once it is published, and snapshots share it.
//
// A listing is complete if every page reported the same TotalCount and that many
// different IDs arrived. An incomplete one proves no deletion: items of the
// previous listing that are missing from it are kept, as they were last seen.
type Listing struct {
	// Items are the listed items, followed by the kept ones, each in the order of
	// their IDs.
	Items []Item
	// Reported is how many items the API said there are (TotalCount), NaN if it did
	// not say.
	Reported float64
	// Skipped is how many listed items had no ID.
	Skipped int
	// Complete is whether the listing can prove a deletion.
	Complete bool

	// seen is when each kept item was last listed, by its ID.
	seen map[string]time.Time
}

// Listed returns how many of the items the API listed.
func (l *Listing) Listed() int { return len(l.Items) - len(l.seen) }

// Short reports whether the API listed fewer items than it reported.
func (l *Listing) Short() bool { return float64(l.Listed()) < l.Reported }

// Kept returns how many items were kept, and when the one that has been missing
// longest was last listed.
func (l *Listing) Kept() (count int, since time.Time) {
	for _, seen := range l.seen {
		if since.IsZero() || seen.Before(since) {
			since = seen
		}
	}
	return len(l.seen), since
}

// follow returns the listing that follows before, which may be nil: l, or before itself
// if nothing has changed.
func (l *Listing) follow(before *Listing) *Listing {
	if before != nil && l.Reported == before.Reported && l.Skipped == before.Skipped && l.Complete == before.Complete &&
		len(before.seen) == 0 && slices.Equal(l.Items, before.Items) {
		return before
	}
	return l
}

// keep adds the items of the previous listing that are missing from l and were
// listed less than staleAfter ago, unless l is Complete. Before, which may be nil, was
// listed at the time at.
func (l *Listing) keep(before *Listing, at, now time.Time, staleAfter time.Duration) {
	if l.Complete || before == nil {
		return
	}
	listed := make(map[string]bool, len(l.Items))
	for _, item := range l.Items {
		listed[item.ID] = true
	}
	for _, item := range before.Items {
		seen, kept := before.seen[item.ID]
		if !kept {
			seen = at
		}
		if listed[item.ID] || now.Sub(seen) >= staleAfter {
			continue
		}
		if l.seen == nil {
			l.seen = map[string]time.Time{}
		}
		l.Items = append(l.Items, item)
		l.seen[item.ID] = seen
	}
}
