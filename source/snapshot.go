package source

import "time"

// Target is what one Source asks for.
type Target struct {
	// Account is the account's name in the configuration, empty where there is
	// only one.
	Account string
	// Region is the cloud's region, such as "ap-guangzhou".
	Region string
	Action Action
}

// Item is one task or connection.
type Item struct {
	// ID is never empty in a Listing and never twice in one.
	ID string
	// Name is as the API sent it, empty where it was null.
	Name string
	// Status is the API's code, passed on as it is; NaN where it was null.
	Status float64
}

// Listing is one whole answer to a list call, all pages together. It is never
// changed once it is published, and snapshots share it.
type Listing struct {
	Items []Item
	// Reported is how many items the API said there are (TotalCount), NaN where
	// it did not say.
	Reported float64
	// Skipped is how many listed items had no ID.
	Skipped int
}

// Snapshot is what is known of a Target. It is never changed once it is
// published.
type Snapshot struct {
	Target Target
	// Began is when the refresh began that led to this snapshot; zero before
	// the first one. A snapshot ages from here on: what the API said may be as
	// old as that.
	Began time.Time
	// Up is whether that refresh succeeded.
	Up bool
	// Err is why it did not.
	Err error
	// Failures counts the failed refreshes since the start.
	Failures int64
	// LastSuccess is when the last good refresh ended; zero before the first.
	LastSuccess time.Time
	// Listing is the last good listing, nil before the first and once it is
	// older than Options.StaleAfter while refreshes fail.
	Listing *Listing
}

// after returns the snapshot that follows previous when a refresh that began
// at a time has ended now with listing or err.
func (previous *Snapshot) after(listing *Listing, err error, began, now time.Time, staleAfter time.Duration) *Snapshot {
	next := *previous
	next.Began, next.Up, next.Err = began, err == nil, err
	if err == nil {
		next.LastSuccess, next.Listing = now, listing
		return &next
	}
	next.Failures++
	if now.Sub(previous.LastSuccess) >= staleAfter {
		next.Listing = nil
	}
	return &next
}
