package source

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	// maxChanges is how many changes a Set keeps.
	maxChanges = 200
	// forgetAfter is how long an item is remembered that only incomplete listings lack.
	forgetAfter = 7 * 24 * time.Hour
)

// Change is a status that differs from the one that was last known, an item that
// appears, or one that is gone.
type Change struct {
	Target Target
	// Kind is the name of the item's Kind.
	Kind     string
	ID, Name string
	// From and To are the states before and after; zero for an item that was not there
	// before, or is not there any more.
	From, To State
	// Message is what the API says about the new state; empty if there is none, or if
	// it is running, where it is no error.
	Message string
	// Connections are the connections that a task uses.
	Connections []string
	// At is when the refresh ended that found the change.
	At time.Time
	// After is when what was before was last seen, if that was not just before: refreshes
	// failed since then, did not list the item, or there were none. Otherwise it is zero.
	After time.Time
	// Since is when the state before began; zero if that is not known.
	Since time.Time
}

// Lasted returns how long the state before lasted, 0 if that is not known. It may have
// ended as early as After.
func (c *Change) Lasted() time.Duration {
	if c.Since.IsZero() {
		return 0
	}
	return c.At.Sub(c.Since)
}

// memory is what was last known of the items of a target. An item stays until a complete
// listing lacks it.
type memory struct {
	target Target
	items  map[string]remembered // by ID
	whole  time.Time             // when the last complete listing landed; zero before the first
}

type remembered struct {
	listed Item      // as it was last listed
	known  Item      // as it was last listed with a status, if it ever was
	seen   time.Time // when that was
}

// land completes the items of a new listing by what is known of them: since when they
// have had their status, and the details that have not changed, which they share. It
// returns what has changed, failures first. The refresh before succeeded at the time
// previous, which is zero if it failed.
func (m *memory) land(l *Listing, previous, now time.Time) []Change {
	var changes []Change
	add := func(item, was *Item, from, to State, seen time.Time) {
		change := newChange(m.target, item, from, to)
		change.At, change.Since = now, was.Since
		if !seen.Equal(previous) || now.Sub(seen) >= DefaultStaleAfter {
			change.After = seen
		}
		changes = append(changes, change)
	}
	kind := KindOf(m.target.Action)
	next := make(map[string]remembered, len(l.Items))
	for i := range l.Items {
		item := &l.Items[i]
		was, known := m.items[item.ID]
		switch {
		case known:
			item.follow(&was, now)
			if item.Status != was.known.Status && item.Status != StatusUnknown && was.known.Status != StatusUnknown {
				add(item, &was.known, kind.State(was.known.Status), kind.State(item.Status), was.seen)
			}
		case !m.whole.IsZero(): // or else it may have been there before
			item.Since = now
			add(item, &Item{}, State{}, kind.State(item.Status), m.whole)
		}
		was.listed = *item
		if !known || item.Status != StatusUnknown || was.known.Status == StatusUnknown {
			was.known, was.seen = *item, now
		}
		next[item.ID] = was
	}
	for id, was := range m.items {
		switch _, listed := next[id]; {
		case listed:
		case l.Complete:
			add(&was.listed, &was.known, kind.State(was.known.Status), State{}, was.seen)
		case now.Sub(was.seen) < forgetAfter:
			next[id] = was
		}
	}
	m.items = next
	if l.Complete {
		m.whole = now
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.ID, b.ID)) })
	return changes
}

// follow takes from what is known of the item what has not changed since. A status that
// the API does not send has not changed.
func (i *Item) follow(was *remembered, now time.Time) {
	if i.Details.equal(was.listed.Details) {
		i.Details = was.listed.Details
	}
	switch {
	case i.Status == was.listed.Status:
		i.Since = was.listed.Since
	case i.Status == was.known.Status, was.known.Status == StatusUnknown:
		i.Since = was.known.Since
	default:
		i.Since = now
	}
}

func newChange(target Target, item *Item, from, to State) Change {
	change := Change{Target: target, Kind: KindOf(target.Action).Name, ID: item.ID, Name: item.Name, From: from, To: to}
	details := item.Details.OrZero()
	if to != (State{}) && to.Condition != Running {
		change.Message = details.Message
	}
	for _, end := range []End{details.Source, details.Target} {
		if strings.HasPrefix(end.Resource, connectionPrefix) {
			change.Connections = append(change.Connections, end.Resource)
		}
	}
	return change
}

// Fails reports whether the new state is a failed one.
func (c *Change) Fails() bool { return c.To.Condition == Failed }

// rank is 0 for a change to a failed state.
func (c *Change) rank() int {
	if c.Fails() {
		return 0
	}
	return 1
}

// addChanges keeps the newest changes, and hands all on.
func (s *Set) addChanges(changes []Change) {
	s.changesMu.Lock()
	kept := slices.Concat(changes, s.changes)
	slices.SortStableFunc(kept, func(a, b Change) int { return b.At.Compare(a.At) }) // targets are refreshed at once
	s.changes = slices.Clone(kept[:min(len(kept), maxChanges)])
	s.changesMu.Unlock()
	s.onChange(changes)
}

// Changes returns the newest changes of all targets since the start, up to 200, newest
// first. The caller must not change them.
func (s *Set) Changes() []Change {
	s.changesMu.Lock()
	defer s.changesMu.Unlock()
	return s.changes
}
