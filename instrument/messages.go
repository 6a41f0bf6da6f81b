package instrument

import (
	"maps"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// A message is what an error_info or a warning_info series of an item says.
type message struct{ reason, text string }

// observe observes the message, if there is one, under the label that is the API's field.
func (m message) observe(observe observe, label string) {
	if m != (message{}) {
		observe(1, attribute.String("reason", m.reason), attribute.String(label, m.text))
	}
}

// messages remembers what the error_info or the warning_info series say, so that a
// message sticks while status and reason stay: a position or a time that changes in it
// makes no new series. It is safe for concurrent use.
type messages struct {
	// of returns an item's message as the API sent it, empty for none.
	of func(*source.Item, source.Kind) string

	mu       sync.Mutex
	byTarget map[source.Target]targetMessages
}

// errorOf returns the message of a failed item: with a healthy status it is no error.
func errorOf(item *source.Item, kind source.Kind) string {
	if kind.State(item.Status).Condition != source.Failed {
		return ""
	}
	return item.Details.OrZero().Message
}

func warningOf(item *source.Item, _ source.Kind) string { return item.Details.OrZero().Warning }

// targetMessages are the messages of a target's last listing.
type targetMessages struct {
	listing *source.Listing
	byID    map[string]itemMessage
}

type itemMessage struct {
	status float64
	raw    string // as the API sent it
	message
}

// update returns the messages of a snapshot's items by their IDs, and remembers them.
func (m *messages) update(kind source.Kind, snapshot *source.Snapshot) map[string]itemMessage {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.byTarget[snapshot.Target]
	if before.listing == snapshot.Listing || snapshot.Listing == nil {
		return before.byID
	}
	byID := map[string]itemMessage{}
	for i := range snapshot.Listing.Items {
		item := &snapshot.Listing.Items[i]
		if raw := m.of(item, kind); raw != "" {
			if now := newItemMessage(item.Status, raw, before.byID[item.ID]); now.text != "" {
				byID[item.ID] = now
			}
		}
	}
	if m.byTarget == nil {
		m.byTarget = map[source.Target]targetMessages{}
	}
	m.byTarget[snapshot.Target] = targetMessages{snapshot.Listing, byID}
	return byID
}

// newItemMessage returns the message of an item, given that of the listing before.
func newItemMessage(status float64, raw string, before itemMessage) itemMessage {
	if before.status == status && before.raw == raw {
		return before
	}
	now := itemMessage{status, raw, message{reason.Of(raw).Word, logging.Clean(raw)}}
	if before.status == now.status && before.reason == now.reason && now.text != "" {
		now.message = before.message
	}
	return now
}

// keepOnly forgets the targets that are not watched any more.
func (m *messages) keepOnly(watched []*source.Snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.byTarget) <= len(watched) {
		return
	}
	targets := map[source.Target]bool{}
	for _, snapshot := range watched {
		targets[snapshot.Target] = true
	}
	maps.DeleteFunc(m.byTarget, func(target source.Target, _ targetMessages) bool { return !targets[target] })
}
