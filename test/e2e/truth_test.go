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

// kindOf returns the kind of an item by its ID.
func kindOf(id string) string {
	if strings.HasPrefix(id, "resource-") {
		return connectionKind
	}
	return taskKind
}

// truth is the true state for part of a night, whether or not anyone can see it.
type truth struct {
	since time.Time
	// broken are the items that do not run, by ID.
	broken map[string]bool
	// failing are the kinds for which the API fails.
	failing map[string]bool
	// hidden are the tasks that exist but that the API does not list, by ID.
	hidden map[string]bool
	// overstated says whether the API claims more tasks than there are.
	overstated bool
	// exporters is the number of exporters, dead the number that do not respond.
	exporters, dead int
}

// answers reports whether an exporter that responds can list a kind.
func (t *truth) answers(kind string) bool { return !t.failing[kind] && t.dead < t.exporters }

// shows reports whether the status of an item reaches Prometheus.
func (t *truth) shows(id string) bool { return !t.hidden[id] && t.answers(kindOf(id)) }

func (t *truth) clone() truth {
	copied := *t
	copied.broken, copied.failing, copied.hidden = maps.Clone(t.broken), maps.Clone(t.failing), maps.Clone(t.hidden)
	return copied
}

// history holds the truths of a night; each lasts until the next.
type history []truth

// at returns the truth at a time.
func (h history) at(at time.Time) *truth {
	current := &h[0]
	for i := range h {
		if !h[i].since.After(at) {
			current = &h[i]
		}
	}
	return current
}

// since returns the time since which a condition has held without interruption; ok
// is false if it does not hold at the given time.
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

// lasted reports whether a condition had held for at least some time.
func (h history) lasted(least time.Duration, at time.Time, holds func(*truth) bool) bool {
	begin, ok := h.since(at, holds)
	return ok && !at.Before(begin.Add(least))
}

// within reports whether a condition held at any time in a range.
func (h history) within(from, to time.Time, holds func(*truth) bool) bool {
	for i := range h {
		ended := i+1 < len(h) && h[i+1].since.Before(from)
		if !ended && !h[i].since.After(to) && holds(&h[i]) {
			return true
		}
	}
	return false
}

// deaths counts how often an exporter stopped responding in a range.
func (h history) deaths(from, to time.Time) (count int) {
	for i := 1; i < len(h); i++ {
		if h[i].dead > h[i-1].dead && !h[i].since.Before(from) && !h[i].since.After(to) {
			count++
		}
	}
	return count
}
