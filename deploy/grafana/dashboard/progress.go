package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// progress is the row that shows whether data flows through the tasks that run.
func progress() row {
	const without = " Only with --ckafka.progress-interval, and for tasks that read from a topic."
	return row{"Progress", []panel{
		{
			"Lag", "Messages that the task has not committed yet. One that grows for long means that the target is too slow." + without,
			8, 8, perTask(graph(units.Short).Decimals(0), "max by (%s, %s) (%s)", "_consumer_lag"),
		},
		{
			"Committed messages per second", "How fast the task commits. At 0 with a lag it stands; sinks that commit by the file do so in leaps." + without,
			8, 8, perTask(graph(units.Short), "max by (%s, %s) (deriv(%s[15m]))", "_consumer_offset"),
		},
		{
			"Stalled", "How long the longest stalled partition has had nothing committed although messages wait and more are written. " +
				"CKafkaTaskStalled fires at the dashed line. See the target's errors, then restart the task." + without,
			8, 8, perTask(withLimit(graph(units.Seconds), 900), "max by (%s, %s) (%s)", "_stalled_seconds"),
		},
	}}
}

// perTask adds a query with a line for each task.
func perTask(panel *timeseries.PanelBuilder, expression, family string) *timeseries.PanelBuilder {
	return panel.
		NoValue("Progress is not asked for, or not known: see CKafkaProgressNotKnown").
		WithTarget(query(legend("{{"+tasks.name+"}}"), expression, tasks.identity(), tasks.name, tasks.item(family)))
}
