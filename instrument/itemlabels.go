package instrument

import (
	"hash/maphash"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/reason"
	"datahub_exporter/source"
	"datahub_exporter/textline"
)

// itemLabels are the attribute sets of one item's series. They are never changed,
// for the readers share them.
type itemLabels struct {
	item, state, info metric.MeasurementOption
	// failure is nil unless the item has failed and a message tells how.
	failure metric.MeasurementOption

	madeOf madeOf
	told   told
}

// madeOf is what the labels of an item depend on.
type madeOf struct {
	status float64
	// named and message are fingerprints, of the name and what the info series
	// tells, and of the message that was seen last.
	named, message uint64
}

// told is what a failure's series says. It sticks while status and reason stay,
// so that a message in which a position or a time changes makes no new series.
type told struct{ reason, message string }

// label returns the labels of an item. It takes over what it can from those of
// the refresh before, which may be nil.
func (k Kind) label(item *source.Item, base []attribute.KeyValue, before *itemLabels) *itemLabels {
	madeOf := madeOf{status: item.Status, named: fingerprintOf(item), message: maphash.String(seed, item.Details.Message)}
	if before != nil && before.madeOf == madeOf {
		return before
	}
	told := k.tell(item, madeOf, before)
	if before != nil && before.madeOf.status == madeOf.status && before.madeOf.named == madeOf.named && before.told == told {
		same := *before
		same.madeOf = madeOf
		return &same
	}
	identity := slices.Concat(base, []attribute.KeyValue{attribute.String(k.IDLabel, item.ID), attribute.String(k.NameLabel, item.Name)})
	made := &itemLabels{
		item:   set(identity),
		state:  set(identity, attribute.String("state", k.State(item.Status).Name)),
		info:   set(identity, k.describe(item.Details)...),
		madeOf: madeOf,
		told:   told,
	}
	if told.message != "" {
		made.failure = set(identity, attribute.String("reason", told.reason), attribute.String("ErrorMessage", told.message))
	}
	return made
}

// tell returns what the failure's series of an item says, nothing if there is no
// failure: a message beside a healthy status is no error.
func (k Kind) tell(item *source.Item, madeOf madeOf, before *itemLabels) told {
	if k.State(item.Status).Condition != Failed {
		return told{}
	}
	lasts := before != nil && before.madeOf.status == madeOf.status
	if lasts && before.madeOf.message == madeOf.message {
		return before.told
	}
	message := textline.Clean(item.Details.Message)
	if message == "" {
		return told{}
	}
	word := reason.Of(item.Details.Message).Word
	if lasts && before.told.reason == word {
		return before.told
	}
	return told{word, message}
}

var seed = maphash.MakeSeed()

// fingerprintOf returns a hash of all that the API says of an item and that
// becomes a label of the item's, or of its info series.
func fingerprintOf(item *source.Item) uint64 {
	var hash maphash.Hash
	hash.SetSeed(seed)
	details := &item.Details
	for _, text := range [...]string{
		item.Name, details.Type, details.DatahubID,
		details.Source.Type, details.Source.Resource, details.Source.Topic,
		details.Target.Type, details.Target.Resource, details.Target.Topic,
	} {
		_, _ = hash.WriteString(text)
		_ = hash.WriteByte(0xff) // which is in no UTF-8
	}
	return hash.Sum64()
}
