package instrument

import (
	"errors"
	"fmt"
	"math"
	"time"

	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/source"
)

// gauges are the instruments of one kind. They are gauges without a unit, the
// error count included: a counter would gain "_total" and a unit its own suffix
// on some of the ways to a reader, and the documented names are exact.
type gauges struct {
	status        metric.Float64ObservableGauge
	errorCount    metric.Int64ObservableGauge
	up            metric.Int64ObservableGauge
	lastSuccess   metric.Float64ObservableGauge
	items         metric.Int64ObservableGauge
	itemsReported metric.Float64ObservableGauge
}

func newGauges(meter metric.Meter, kind Kind) (gauges, error) {
	var failures []error
	integer := func(name, description string) metric.Int64ObservableGauge {
		gauge, err := meter.Int64ObservableGauge(kind.Prefix+name, metric.WithDescription(description))
		failures = append(failures, err)
		return gauge
	}
	float := func(name, description string) metric.Float64ObservableGauge {
		gauge, err := meter.Float64ObservableGauge(kind.Prefix+name, metric.WithDescription(description))
		failures = append(failures, err)
		return gauge
	}
	created := gauges{
		status: float("_status",
			fmt.Sprintf("Status code of each of the %s, as %s reports it; 1 is running, -100 is unknown.", kind.Noun, kind.Action)),
		errorCount: integer("_error_count",
			fmt.Sprintf("Failed refreshes of the %s since the exporter started.", kind.Noun)),
		up: integer("_up",
			fmt.Sprintf("Whether the last refresh of the %s succeeded.", kind.Noun)),
		lastSuccess: float("_last_success_timestamp_seconds",
			fmt.Sprintf("Unix time of the last successful refresh of the %s; 0 before the first.", kind.Noun)),
		items: integer("_items",
			fmt.Sprintf("Number of %s that the last successful refresh listed; absent while nothing is known.", kind.Noun)),
		itemsReported: float("_items_reported",
			fmt.Sprintf("Number of %s that the API says there are.", kind.Noun)),
	}
	return created, errors.Join(failures...)
}

// all returns the instruments for the registration of their callback.
func (g gauges) all() []metric.Observable {
	return []metric.Observable{g.status, g.errorCount, g.up, g.lastSuccess, g.items, g.itemsReported}
}

// observe records one snapshot.
func (g gauges) observe(observer metric.Observer, snapshot *source.Snapshot, labels *labels) {
	target := labels.target
	observer.ObserveInt64(g.errorCount, snapshot.Failures, target)
	observer.ObserveInt64(g.up, truth(snapshot.Up), target)
	observer.ObserveFloat64(g.lastSuccess, seconds(snapshot.LastSuccess), target)
	if snapshot.Listing == nil {
		return // nothing is known, and to say 0 would invent an alert
	}
	observer.ObserveInt64(g.items, int64(snapshot.Listing.Listed()), target)
	if reported := snapshot.Listing.Reported; !math.IsNaN(reported) {
		observer.ObserveFloat64(g.itemsReported, reported, target)
	}
	for i, item := range snapshot.Listing.Items {
		observer.ObserveFloat64(g.status, item.Status, labels.items[i])
	}
}

func truth(value bool) int64 {
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
