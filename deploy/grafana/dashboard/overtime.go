package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// overTime is the row that shows since when.
func overTime() row {
	return row{"Over time", []panel{
		{
			"Tasks that did not always run", "State of each task that was not running at any time shown; choose one by name above. " +
				"A gap means that its state was not known. A connection beside it that failed first is the cause.",
			14, 10, itemsOverTime(tasks),
		},
		{
			"Connections that did not always run", "State of each connection that was not running at any time shown. " +
				"A gap means that its state was not known.",
			10, 10, itemsOverTime(connections),
		},
		{
			"Tasks by state", "Number of tasks in each state. A fall of the sum is a deletion, or a region that is not known any more.",
			14, 7, byState(tasks),
		},
		{
			"Connections by state", "Number of connections in each state. A fall of the sum is a deletion, or a region that is not known any more.",
			10, 7, byState(connections),
		},
	}}
}

func itemsOverTime(k kind) *statetimeline.PanelBuilder {
	return timeline(k.codes()).
		NoValue("All ran all the time, or nothing is known: see \"Refreshes\"").
		PerPage(20).
		WithTarget(query(legend("{{"+k.name+"}}"),
			"max by (%[1]s, %[2]s) (%[3]s)\nand on (%[1]s) present_over_time(%[4]s[$__range] @ end())",
			k.identity(), k.name, k.item("_status"), k.item("_state", `state!="running"`)))
}

func byState(k kind) *timeseries.PanelBuilder {
	panel := stacked(units.Short).Decimals(0).
		WithTarget(query("{{state}}", "count by (state) (max by (%s, state) (%s))", k.identity(), k.item("_state")))
	for _, state := range k.states() {
		panel.OverrideByName(state.name, fixedColor(state.color))
	}
	return panel
}
