package e2e

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// How long the alerts may take, in minutes of the night.
const (
	// notice is the longest time until an alert reports a fault: a scrape, a second
	// one if the API is slow, an evaluation, the rule's for (2 minutes), and a
	// margin.
	notice = 6 * minute
	// noticeIncomplete is the same for an incomplete listing, whose rule waits for
	// 5 minutes.
	noticeIncomplete = 9 * minute
	// linger is the longest time that an alert stays after its cause is gone: the
	// rule's keep_firing_for (5 minutes at most), the path as above, and a margin.
	linger = 9 * minute
	// memory is how long interruptions of the exporter are counted.
	memory = 15 * minute
)

// moment holds the labels of each alert that fires at one time.
type moment []map[string]string

// fires reports whether an alert fires.
func (m moment) fires(name string) bool {
	return slices.ContainsFunc(m, func(alert map[string]string) bool { return alert["alertname"] == name })
}

// tells reports whether the alert for an item fires.
func (m moment) tells(id string) bool {
	return slices.ContainsFunc(m, func(alert map[string]string) bool {
		return alert["alertname"] == kindOf(id)+"_status" && itemOf(alert) == id
	})
}

// itemOf returns the ID of the item that an alert is about.
func itemOf(alert map[string]string) string { return alert["TaskId"] + alert["ResourceId"] }

// saysUnknown reports whether an alert says that the statuses of a kind are
// unknown.
func (m moment) saysUnknown(kind string) bool {
	return m.fires("datahub_exporter_down") || m.fires("datahub_exporter_flapping") ||
		m.fires(kind+"_down") || m.fires(kind+"_listing_incomplete")
}

// judge returns what is wrong with the alerts at a moment: silence about something
// broken or unknown, and alerts without a cause.
func (h history) judge(at time.Time, alerts moment) []string {
	return slices.Concat(h.silence(at, alerts), h.inventions(at, alerts))
}

// silence returns what should have an alert but does not.
func (h history) silence(at time.Time, alerts moment) (missing []string) {
	now := h.at(at)
	for _, id := range slices.Sorted(maps.Keys(now.broken)) {
		shown := func(t *truth) bool { return t.broken[id] && t.shows(id) }
		switch {
		case alerts.tells(id):
		case h.lasted(notice, at, shown):
			missing = append(missing, id+" is broken, and its alert does not fire")
		case !at.Before(h.due(at, id)) && !alerts.saysUnknown(kindOf(id)):
			missing = append(missing, id+" is broken, and nothing says so, nor that it is not known")
		}
	}
	for _, kind := range []string{taskKind, connectionKind} {
		// A change in the kind of an outage starts a new one: a restart that
		// interrupts a scrape resets the rule's for.
		unknown := func(t *truth) bool {
			return !t.answers(kind) && t.dead == now.dead && t.failing[kind] == now.failing[kind]
		}
		if h.lasted(notice, at, unknown) && !alerts.saysUnknown(kind) {
			missing = append(missing, "nothing says that no "+kind+" is known")
		}
	}
	hidden := func(t *truth) bool { return len(t.hidden) > 0 }
	if h.lasted(noticeIncomplete, at, hidden) && !alerts.fires(taskKind+"_listing_incomplete") {
		missing = append(missing, "nothing says that tasks are not listed")
	}
	return missing
}

// due returns the time from which some alert must report a broken item: its own or,
// if the item is lost from sight before that fires, one about the loss.
func (h history) due(at time.Time, id string) time.Time {
	from, _ := h.since(at, func(t *truth) bool { return t.broken[id] })
	due := from.Add(notice)
	for i := range h {
		ended := i+1 < len(h) && !h[i+1].since.After(from)
		if ended || h[i].shows(id) || !h[i].since.Before(due) {
			continue
		}
		lost, _ := h.since(h[i].since, func(t *truth) bool { return !t.shows(id) })
		wait := notice
		if h[i].hidden[id] {
			wait = noticeIncomplete
		}
		if told := lost.Add(wait); told.After(due) {
			return told
		}
		return due
	}
	return due
}

// inventions returns the alerts without a cause.
func (h history) inventions(at time.Time, alerts moment) (invented []string) {
	for _, alert := range alerts {
		if !h.caused(at, alert) {
			invented = append(invented, fmt.Sprintf("%s fires without a cause: %v", alert["alertname"], alert))
		}
	}
	return invented
}

// caused reports whether an alert has a cause, or had one recently.
func (h history) caused(at time.Time, alert map[string]string) bool {
	lately := func(holds func(*truth) bool) bool { return h.within(at.Add(-linger), at, holds) }
	id := itemOf(alert)
	broken := func(t *truth) bool { return t.broken[id] }
	for _, kind := range []string{taskKind, connectionKind} {
		failing := func(t *truth) bool { return t.failing[kind] }
		switch alert["alertname"] {
		case kind + "_status":
			// It stays as long as it is unknown whether the item runs again.
			return h.within(time.Time{}, at, broken) && lately(func(t *truth) bool { return broken(t) || !t.shows(id) })
		case kind + "_down":
			return lately(failing)
		case kind + "_error_count": // stays until the exporter restarts
			return h.within(time.Time{}, at, failing)
		}
	}
	switch alert["alertname"] {
	case "datahub_exporter_down":
		return lately(func(t *truth) bool { return t.dead > 0 })
	case "datahub_exporter_flapping":
		return h.deaths(at.Add(-memory-linger), at) > 2
	case taskKind + "_listing_incomplete":
		return lately(func(t *truth) bool { return t.overstated || len(t.hidden) > 0 })
	}
	return false
}
