package instrument

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/source"
)

// gauge is a family of series. All of them are gauges without a unit, the error
// count included: on some paths to a reader a counter would gain "_total" and a
// unit its own suffix, and the documented names are exact.
type gauge struct {
	// name follows the kind's prefix.
	name, description string
	// observe emits the family's series of one snapshot.
	observe func(snapshot *source.Snapshot, labels *labels, emit emit)
}

// emit takes a value with the labels of its series.
type emit func(value float64, labels metric.MeasurementOption)

// gauges returns the table of a kind's families, sorted by name as in Prometheus'
// own registry.
func gauges(kind source.Kind) []gauge {
	gauges := []gauge{
		{
			"_status",
			fmt.Sprintf("Status code of each of the %s, as %s reports it; 1 is running, -100 is unknown.", kind.Noun, kind.Action),
			ofItems(func(item *source.Item, labels *itemLabels, emit emit) { emit(item.Status, labels.item) }),
		},
		{
			"_error_count",
			fmt.Sprintf("Failed refreshes of the %s since the exporter started.", kind.Noun),
			ofTarget(func(s *source.Snapshot) float64 { return float64(s.Failures) }),
		},
		{
			"_up",
			fmt.Sprintf("Whether the last refresh of the %s succeeded.", kind.Noun),
			ofTarget(func(s *source.Snapshot) float64 { return truth(s.Up()) }),
		},
		{
			"_last_success_timestamp_seconds",
			fmt.Sprintf("Unix time of the last successful refresh of the %s; 0 before the first.", kind.Noun),
			ofTarget(func(s *source.Snapshot) float64 { return seconds(s.LastSuccess) }),
		},
		{
			"_items",
			fmt.Sprintf("Number of %s that the last successful refresh listed; absent while nothing is known.", kind.Noun),
			ofListing(func(l *source.Listing) float64 { return float64(l.Listed()) }),
		},
		{
			"_items_reported",
			fmt.Sprintf("Number of %s that the API says there are.", kind.Noun),
			ofListing(func(l *source.Listing) float64 { return l.Reported }),
		},
		{
			"_state",
			fmt.Sprintf("State of each of the %s in a word; the value is always 1.", kind.Noun),
			ofItems(func(_ *source.Item, labels *itemLabels, emit emit) { emit(1, labels.state) }),
		},
		{
			"_info",
			fmt.Sprintf("What the API tells of each of the %s; the value is always 1.", kind.Noun),
			ofItems(func(_ *source.Item, labels *itemLabels, emit emit) { emit(1, labels.info) }),
		},
		{
			"_error_info",
			fmt.Sprintf("Why each of the %s that have failed did so, where the API says it; the value is always 1.", kind.Noun),
			ofItems(observeFailure),
		},
		{
			"_tasks",
			"Number of connector tasks that use each of the connections; absent where the API did not say.",
			ofItems(observeTasks),
		},
	}
	slices.SortFunc(gauges, func(a, b gauge) int { return strings.Compare(a.name, b.name) })
	return gauges
}

func observeFailure(_ *source.Item, labels *itemLabels, emit emit) {
	if labels.failure != nil {
		emit(1, labels.failure)
	}
}

func observeTasks(item *source.Item, labels *itemLabels, emit emit) {
	if tasks := item.Details.OrZero().Tasks; tasks != nil {
		emit(*tasks, labels.item)
	}
}

// ofItems observes each item of a target's listing, in the order of the IDs: the
// order of a listing depends on which page came first.
func ofItems(observe func(*source.Item, *itemLabels, emit)) func(*source.Snapshot, *labels, emit) {
	return func(snapshot *source.Snapshot, labels *labels, emit emit) {
		if snapshot.Listing == nil {
			return
		}
		for _, i := range labels.order {
			observe(&snapshot.Listing.Items[i], labels.items[i], emit)
		}
	}
}

// ofTarget observes one value of a target.
func ofTarget(value func(*source.Snapshot) float64) func(*source.Snapshot, *labels, emit) {
	return func(snapshot *source.Snapshot, labels *labels, emit emit) {
		emit(value(snapshot), labels.target)
	}
}

// ofListing observes one value of a target's listing, or nothing while nothing is
// known: a 0 would raise a false alert. It skips NaN as well.
func ofListing(value func(*source.Listing) float64) func(*source.Snapshot, *labels, emit) {
	return func(snapshot *source.Snapshot, labels *labels, emit emit) {
		if snapshot.Listing == nil {
			return
		}
		if known := value(snapshot.Listing); !math.IsNaN(known) {
			emit(known, labels.target)
		}
	}
}

// instruments are gauges of a kind with their OpenTelemetry instruments.
type instruments struct {
	gauges  []gauge
	created []metric.Float64ObservableGauge
}

func newInstruments(meter metric.Meter, kind source.Kind, gauges []gauge) (instruments, error) {
	var failures []error
	i := instruments{gauges: gauges}
	for _, gauge := range gauges {
		created, err := meter.Float64ObservableGauge(kind.Prefix+gauge.name, metric.WithDescription(gauge.description))
		i.created = append(i.created, created)
		failures = append(failures, err)
	}
	return i, errors.Join(failures...)
}

// all returns the instruments, to register their callback.
func (i instruments) all() []metric.Observable {
	var all []metric.Observable
	for _, created := range i.created {
		all = append(all, created)
	}
	return all
}

// observe records one snapshot.
func (i instruments) observe(observer metric.Observer, snapshot *source.Snapshot, labels *labels) {
	for n, gauge := range i.gauges {
		gauge.observe(snapshot, labels, func(value float64, labels metric.MeasurementOption) {
			observer.ObserveFloat64(i.created[n], value, labels)
		})
	}
}

func truth(value bool) float64 {
	if value {
		return 1
	}
	return 0
}

// seconds returns a Unix time with its fraction, 0 for the zero time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
