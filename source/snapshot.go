package source

import "time"

// Target is what one Source asks for.
type Target struct {
	// Account is the account's name in the configuration.
	Account string
	// Region is the cloud's region, such as "ap-guangzhou".
	Region string
	Action Action
}

// Listing is one answer to a list call, all pages together. It is never changed
// once it is published, and snapshots share it.
//
// A listing is whole when every page reported the same TotalCount and as many
// different IDs arrived. One that is not proves no deletion: the items of the
// listing before that it lacks are kept in it, as they were last seen.
type Listing struct {
	// Items are the listed items, and behind them the kept ones.
	Items []Item
	// Reported is how many items the API said there are (TotalCount), NaN where
	// it did not say.
	Reported float64
	// Skipped is how many listed items had no ID.
	Skipped int
	// Whole is whether the listing may prove a deletion.
	Whole bool

	// seen is when each kept item was last listed, by its ID.
	seen map[string]time.Time
}

// Listed returns how many of the items the API listed.
func (l *Listing) Listed() int { return len(l.Items) - len(l.seen) }

// Kept returns how many items were kept, and since when the API does not list
// the one that it has not listed for the longest time.
func (l *Listing) Kept() (count int, since time.Time) {
	for _, seen := range l.seen {
		if since.IsZero() || seen.Before(since) {
			since = seen
		}
	}
	return len(l.seen), since
}

// keep adds the items of the listing before that l lacks and that were listed
// less than staleAfter ago, unless l is Whole. Before was listed at a time, and
// may be nil.
func (l *Listing) keep(before *Listing, at, now time.Time, staleAfter time.Duration) {
	if l.Whole || before == nil {
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

// Snapshot is what is known of a Target. It is never changed once it is
// published.
type Snapshot struct {
	Target Target
	// Began is when the refresh began that led to this snapshot; zero before
	// the first one. A snapshot ages from here on: what the API said may be as
	// old as that.
	Began time.Time
	// Err is why that refresh failed, an *Error; nil if it succeeded.
	Err error
	// Failures counts the failed refreshes since the start.
	Failures int64
	// LastSuccess is when the last good refresh ended; zero before the first.
	LastSuccess time.Time
	// Listing is the last good listing, with the items that it keeps of the one
	// before; nil before the first and once it is older than Options.StaleAfter
	// while refreshes fail.
	Listing *Listing
}

// Up reports whether the last refresh succeeded.
func (s *Snapshot) Up() bool { return s.Err == nil && !s.LastSuccess.IsZero() }

// after returns the snapshot that follows s when a refresh that began
// at a time has ended now with listing or err.
func (s *Snapshot) after(listing *Listing, err error, began, now time.Time, staleAfter time.Duration) *Snapshot {
	next := *s
	next.Began, next.Err = began, err
	if err == nil {
		next.LastSuccess, next.Listing = now, listing
		return &next
	}
	next.Failures++
	if now.Sub(s.LastSuccess) >= staleAfter {
		next.Listing = nil
	}
	return &next
}
