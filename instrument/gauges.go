package instrument

import (
	"fmt"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"datahub_exporter/source"
)

// A gauge is a family of series. All of them are gauges without a unit, the error
// count included: on its way to some backends a counter would gain "_total" and a unit
// its own suffix, and the documented names are exact.
type gauge struct {
	// name follows the kind's prefix.
	name, description string
	// item observes an item. It is nil for a gauge of targets.
	item func(item *observedItem, observe observe)
	// target observes a target. It is nil for a gauge of items.
	target func(snapshot *source.Snapshot, observe observe)
}

// observe takes a value, and the labels that its series has besides those of the
// item or the target.
type observe func(value float64, labels ...attribute.KeyValue)

// An observedItem is an item of a listing and what is derived from it.
type observedItem struct {
	*source.Item
	kind source.Kind
	// failure is zero unless the item has failed and says why, warning unless it has one.
	failure, warning message
	// progress is how far a task has come, nil where that is not known.
	progress *source.TaskProgress
}

// itemGauges returns the table of the families with a series for each item. Tags are
// the keys of those that become labels.
func itemGauges(kind source.Kind, tags []string) []gauge {
	return []gauge{
		{
			name:        "_status",
			description: fmt.Sprintf("Status code of each of the %s, as %s reports it; 1 is running, -100 is unknown.", kind.Noun, kind.Action),
			item:        func(item *observedItem, observe observe) { observe(item.Status) },
		},
		{
			name:        "_state",
			description: fmt.Sprintf("State of each %s as a word; always 1.", kind.Name),
			item: func(item *observedItem, observe observe) {
				observe(1, attribute.String("state", item.kind.State(item.Status).Name))
			},
		},
		{
			name:        "_info",
			description: fmt.Sprintf("What the API reports about each %s; always 1.", kind.Name),
			item: func(item *observedItem, observe observe) {
				observe(1, attributes(item.kind.Info(item.Details.OrZero()))...)
			},
		},
		{
			name:        "_error_info",
			description: fmt.Sprintf("Error message of each failed %s; always 1.", kind.Name),
			item:        func(item *observedItem, observe observe) { item.failure.observe(observe, "ErrorMessage") },
		},
		{
			name:        "_warning_info",
			description: fmt.Sprintf("Warning of each %s that has one; always 1.", kind.Name),
			item:        func(item *observedItem, observe observe) { item.warning.observe(observe, "WarnMessage") },
		},
		{
			name:        "_tags_info",
			description: fmt.Sprintf("Chosen tags of each %s that has one of them; always 1.", kind.Name),
			item: func(item *observedItem, observe observe) {
				if labels := item.Details.OrZero().Tags.Labels(tags); labels != nil {
					observe(1, attributes(labels)...)
				}
			},
		},
		number("_tasks", "Number of connector tasks that use each connection; absent where the API did not say.",
			func(d *source.Details) source.Number { return d.Tasks }),
		number("_max_tasks", "Upper limit of the parts that each task runs in at once (TaskMax); absent where the API did not say.",
			func(d *source.Details) source.Number { return d.MaxTasks }),
		number("_sync_throttle_limit", "Upper limit of each task's throughput in MB/s (SyncThrottleLimit); absent where the API did not say.",
			func(d *source.Details) source.Number { return d.SyncThrottleLimit }),
		number("_auto_expand", "Whether each task scales out by itself (AutoExpandFlag); absent where the API did not say.",
			func(d *source.Details) source.Number { return d.AutoExpand }),
	}
}

// number returns a gauge of a number that the API may leave out.
func number(name, description string, of func(*source.Details) source.Number) gauge {
	return gauge{name: name, description: description, item: func(item *observedItem, observe observe) {
		if number := of(item.Details.OrZero()); number.Known {
			observe(number.Value)
		}
	}}
}

// targetGauges returns the table of the families with a series for each target.
func targetGauges(kind source.Kind) []gauge {
	return []gauge{
		{
			name:        "_error_count",
			description: fmt.Sprintf("Failed refreshes of the %s since the exporter started.", kind.Noun),
			target:      func(s *source.Snapshot, observe observe) { observe(float64(s.Failures)) },
		},
		{
			name:        "_up",
			description: fmt.Sprintf("Whether the last refresh of the %s succeeded.", kind.Noun),
			target:      func(s *source.Snapshot, observe observe) { observe(boolToFloat(s.Up())) },
		},
		{
			name:        "_last_success_timestamp_seconds",
			description: fmt.Sprintf("Unix time of the last successful refresh of the %s; 0 before the first.", kind.Noun),
			target:      func(s *source.Snapshot, observe observe) { observe(unixSeconds(s.LastSuccess)) },
		},
		{
			name:        "_items",
			description: fmt.Sprintf("Number of %s that the last successful refresh listed; absent while nothing is known.", kind.Noun),
			target: func(s *source.Snapshot, observe observe) {
				if s.Listing != nil { // a 0 would raise a false alert
					observe(float64(s.Listing.Listed()))
				}
			},
		},
		{
			name:        "_items_reported",
			description: fmt.Sprintf("Number of %s that the API says there are.", kind.Noun),
			target: func(s *source.Snapshot, observe observe) {
				if s.Listing != nil && !math.IsNaN(s.Listing.Reported) {
					observe(s.Listing.Reported)
				}
			},
		},
		{
			name:        "_progress_up",
			description: fmt.Sprintf("Whether every call of the last round that asked for the progress of the %s was answered.", kind.Noun),
			target: func(s *source.Snapshot, observe observe) {
				if s.Progress != nil && s.Progress.Up != nil {
					observe(boolToFloat(*s.Progress.Up))
				}
			},
		},
		{
			name:        "_progress_unknown",
			description: fmt.Sprintf("Number of running %s that read from a topic and whose consumer group was not found.", kind.Noun),
			target: func(s *source.Snapshot, observe observe) {
				if s.Progress != nil && s.Progress.Up != nil {
					observe(float64(s.Progress.NotFound))
				}
			},
		},
	}
}

// progressGauges returns the table of the families with a series for each task whose
// progress is known. They are sums over the partitions in which its consumer group has
// committed.
func progressGauges(kind source.Kind) []gauge {
	of := func(value func(*source.TaskProgress) (value float64, known bool)) func(*observedItem, observe) {
		return func(item *observedItem, observe observe) {
			if item.progress == nil {
				return
			}
			if value, known := value(item.progress); known {
				observe(value)
			}
		}
	}
	return []gauge{
		{
			name:        "_consumer_lag",
			description: fmt.Sprintf("Messages that the consumer group of each %s has not committed yet.", kind.Name),
			item:        of(func(p *source.TaskProgress) (float64, bool) { return float64(p.Lag), p.Known }),
		},
		{
			name:        "_consumer_offset",
			description: fmt.Sprintf("Committed offsets of the consumer group of each %s, summed over the partitions.", kind.Name),
			item:        of(func(p *source.TaskProgress) (float64, bool) { return float64(p.Offset), p.Known }),
		},
		{
			name:        "_log_end_offset",
			description: fmt.Sprintf("Ends of the log of the partitions that each %s reads, summed.", kind.Name),
			item:        of(func(p *source.TaskProgress) (float64, bool) { return float64(p.LogEnd), p.Known }),
		},
		{
			name:        "_stalled_partitions",
			description: fmt.Sprintf("Partitions in which the consumer group of each %s commits nothing although messages wait.", kind.Name),
			item:        of(func(p *source.TaskProgress) (float64, bool) { return float64(p.StalledPartitions), p.Judged }),
		},
		{
			name:        "_stalled_seconds",
			description: fmt.Sprintf("How long the longest stalled partition of each %s has been so at the last poll; 0 if none is.", kind.Name),
			item:        of(func(p *source.TaskProgress) (float64, bool) { return p.Stalled.Seconds(), p.Judged }),
		},
	}
}

func boolToFloat(value bool) float64 {
	if value {
		return 1
	}
	return 0
}

// unixSeconds returns a Unix time with its fraction, 0 for the zero time.
func unixSeconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
