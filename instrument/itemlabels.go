package instrument

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// itemLabels are the attribute sets of one item's series. The sets are never
// changed, because the readers share them. Only the cache reads the fields below
// them, which it keeps up to date.
type itemLabels struct {
	item, state, info metric.MeasurementOption
	// failure is nil unless the item has failed and a message says how.
	failure metric.MeasurementOption

	// What the sets are made of: the last seen name, status and details, and what
	// the failure's series says.
	name    string
	status  float64
	details *source.Details
	told    told
}

// told is what a failure's series says. It stays while status and reason stay, so
// that a position or a time that changes in the message makes no new series.
type told struct{ reason, message string }

// label returns the labels of an item. It reuses what it can of the labels from the
// refresh before, which may be nil.
func (m *maker) label(item *source.Item, before *itemLabels) *itemLabels {
	details := item.Details.OrZero()
	if before == nil {
		return m.build(item, m.tell(item, nil))
	}
	named := before.name == item.Name && before.status == item.Status
	if named && before.details == details { // as they are while the API says the same
		return before
	}
	told := m.tell(item, before)
	if named && before.told == told && alike(before.details, details) {
		before.details = details
		return before
	}
	return m.build(item, told)
}

// build makes new labels.
func (m *maker) build(item *source.Item, told told) *itemLabels {
	details := item.Details.OrZero()
	// Each set writes its own labels, after the identity, over those of the set
	// before.
	m.more = append(m.more[:0], attribute.String(m.IDLabel, item.ID), attribute.String(m.NameLabel, item.Name))
	identity := m.more
	made := &itemLabels{
		item:    m.set(identity...),
		state:   m.set(append(identity, attribute.String("state", m.State(item.Status).Name))...),
		name:    item.Name,
		status:  item.Status,
		details: details,
		told:    told,
	}
	m.more = identity
	for _, label := range m.Info(details) {
		m.more = append(m.more, attribute.String(label.Name, logging.Clean(label.Value)))
	}
	made.info = m.set(m.more...)
	if told.message != "" {
		made.failure = m.set(append(identity, attribute.String("reason", told.reason), attribute.String("ErrorMessage", told.message))...)
	}
	return made
}

// tell returns what the failure's series of an item says, or nothing if the item
// has not failed: a message with a healthy status is no error.
func (m *maker) tell(item *source.Item, before *itemLabels) told {
	if m.State(item.Status).Condition != source.Failed {
		return told{}
	}
	said := item.Details.OrZero().Message
	lasts := before != nil && before.status == item.Status
	if lasts && before.details.Message == said {
		return before.told
	}
	message := logging.Clean(said)
	if message == "" {
		return told{}
	}
	word := reason.Of(said).Word
	if lasts && before.told.reason == word {
		return before.told
	}
	return told{word, message}
}

// alike reports whether both have the same info series.
func alike(a, b *source.Details) bool {
	return a.Type == b.Type && a.DatahubID == b.DatahubID && a.Source == b.Source && a.Target == b.Target
}
