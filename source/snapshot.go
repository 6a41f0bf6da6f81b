package source

import "time"

// Snapshot is what is known of a Target. It is never changed once it is
// published.
type Snapshot struct {
	Target Target
	// Began is when the refresh began that led to this snapshot; zero before the
	// first one. A snapshot ages from then on: what the API said may be that old.
	Began time.Time
	// Err is why that refresh failed, an *Error; nil if it succeeded.
	Err error
	// Failures counts the failed refreshes since the start.
	Failures int64
	// LastSuccess is when the last good refresh ended; zero before the first.
	LastSuccess time.Time
	// Listing is the last good listing, including the items kept from the previous
	// one. It is nil before the first, and once it is older than Options.StaleAfter
	// while refreshes fail.
	Listing *Listing
	// Progress is how far the tasks have come, nil unless it is asked for.
	Progress *Progress
}

// Up reports whether the last refresh succeeded.
func (s *Snapshot) Up() bool { return s.Err == nil && !s.LastSuccess.IsZero() }

// succeeded returns when the refresh ended that led to this snapshot, zero if it failed.
func (s *Snapshot) succeeded() time.Time {
	if s.Err != nil {
		return time.Time{}
	}
	return s.LastSuccess
}

// with returns s with what is known of the progress of its tasks: s itself if that has not
// changed.
func (s *Snapshot) with(progress *Progress) *Snapshot {
	if s.Progress == progress {
		return s
	}
	next := *s
	next.Progress = progress
	return &next
}

// after returns the snapshot that follows s after a refresh that lasted from began
// to now and returned listing or err.
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
