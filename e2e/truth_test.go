package e2e

import (
	"maps"
	"strings"
	"time"
)

// The kinds of items, by the prefix of their series.
const (
	taskKind       = "datahub_task"
	connectionKind = "connect_resource"
)

// kindOf tells the kind of an item by its ID.
func kindOf(id string) string {
	if strings.HasPrefix(id, "resource-") {
		return connectionKind
	}
	return taskKind
}

// truth is how things are for a part of a night, whoever knows of it.
type truth struct {
	since time.Time
	// broken are the items that do not run, by ID.
	broken map[string]bool
	// failing are the kinds for which the API does not answer.
	failing map[string]bool
	// hidden are the tasks that exist and that the API does not list, by ID.
	hidden map[string]bool
	// overstated is whether the API claims more tasks than there are.
	overstated bool
	// exporters is how many there are, dead how many of them do not answer.
	exporters, dead int
}

// answers reports whether an exporter can learn of a kind, and be asked.
func (t *truth) answers(kind string) bool { return !t.failing[kind] && t.dead < t.exporters }

// shows reports whether the status of an item reaches Prometheus.
func (t *truth) shows(id string) bool { return !t.hidden[id] && t.answers(kindOf(id)) }

func (t *truth) clone() truth {
	copied := *t
	copied.broken, copied.failing, copied.hidden = maps.Clone(t.broken), maps.Clone(t.failing), maps.Clone(t.hidden)
	return copied
}

// history is what was true in a night: each truth holds until the next.
type history []truth

// at returns what was true at a time.
func (h history) at(at time.Time) *truth {
	current := &h[0]
	for i := range h {
		if !h[i].since.After(at) {
			current = &h[i]
		}
	}
	return current
}

// since returns from when on a condition held without a break up to a time; ok is
// false if it did not hold then.
func (h history) since(at time.Time, holds func(*truth) bool) (begin time.Time, ok bool) {
	for i := range h {
		if h[i].since.After(at) {
			break
		}
		held := holds(&h[i])
		if held && !ok {
			begin = h[i].since
		}
		ok = held
	}
	return begin, ok
}

// lasted reports whether a condition held up to a time, for at least so long.
func (h history) lasted(least time.Duration, at time.Time, holds func(*truth) bool) bool {
	begin, ok := h.since(at, holds)
	return ok && !at.Before(begin.Add(least))
}

// within reports whether a condition held at any time from one to another.
func (h history) within(from, to time.Time, holds func(*truth) bool) bool {
	for i := range h {
		ended := i+1 < len(h) && h[i+1].since.Before(from)
		if !ended && !h[i].since.After(to) && holds(&h[i]) {
			return true
		}
	}
	return false
}

// deaths counts how often an exporter ceased to answer, from one time to another.
func (h history) deaths(from, to time.Time) (count int) {
	for i := 1; i < len(h); i++ {
		if h[i].dead > h[i-1].dead && !h[i].since.Before(from) && !h[i].since.After(to) {
			count++
		}
	}
	return count
}
