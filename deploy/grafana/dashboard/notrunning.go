package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// notRunning is the row of what needs fixing, causes before effects.
func notRunning() row {
	return row{"Not running", []panel{
		{
			"Connections not running", "Failed connections first. The message is the cloud's own. Mend what the reason names, " +
				"at the database or in the CKafka console; the tasks behind the connection may then need a restart.",
			24, 6, itemsNotRunning(connections),
		},
		{
			"Tasks not running", "Failed tasks first. The message is the cloud's own. If a connection above is down, begin there. " +
				"A failed task stays as it is until someone resumes or recreates it in the CKafka console; a paused one was stopped by someone.",
			24, 9, itemsNotRunning(tasks),
		},
	}}
}

// itemsNotRunning returns a table of the items of a kind in any state but running,
// with the reason and message that the API gives. The value is 2 for a failed item
// and 1 for others; it is only for sorting.
//
// The join is in the query, not in the panel: it yields one series per item, so
// that exporters that keep different messages cannot make it fail.
func itemsNotRunning(k kind) *table.PanelBuilder {
	return table.NewPanelBuilder().
		WithTarget(asRows("max by (%[1]s, %[2]s, state) (2 * %[3]s or %[4]s)\n"+
			"* on (%[1]s) group_left (reason, ErrorMessage)\n"+
			"(topk by (%[1]s) (1, %[5]s) or on (%[1]s) group by (%[1]s) (%[6]s))",
			k.identity(), k.name, k.item("_state", k.in(failed)), k.item("_state", `state!="running"`),
			k.item("_error_info"), k.item("_state"))).
		NoValue("None, or nothing is known: see \"Refreshes\"").
		WithTransformation(dashboard.DataTransformerConfig{Id: "sortBy", Options: map[string]any{
			"fields": map[string]any{}, "sort": []map[string]any{{"field": "Value", "desc": true}},
		}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: columns(
			column{"account", "Account"}, column{"region", "Region"}, column{k.name, "Name"}, column{"state", "State"},
			column{"reason", "Reason"}, column{"ErrorMessage", "Message"}, column{k.id, "ID"})}).
		OverrideByFieldType("string", properties("noValue", "–")).
		OverrideByName("Account", properties("custom.width", 110)).
		OverrideByName("Region", properties("custom.width", 130)).
		OverrideByName("Name", properties("custom.width", 260)).
		OverrideByName("Reason", properties("custom.width", 170)).
		OverrideByName("Message", properties("custom.inspect", true,
			"custom.cellOptions", map[string]any{"type": "auto", "wrapText": true})).
		OverrideByName("ID", properties("custom.width", 170,
			"links", []map[string]any{{"title": "Open the CKafka console", "url": k.console, "targetBlank": true}})).
		OverrideByName("State", properties("custom.width", 130,
			"mappings", []dashboard.ValueMapping{k.names()},
			"custom.cellOptions", map[string]any{"type": "color-background", "mode": "basic"}))
}

// column is a label and the title of its column.
type column struct{ label, title string }

// columns returns the options of the transformation that names and orders the
// columns.
func columns(of ...column) map[string]any {
	order, names := map[string]int{}, map[string]string{}
	for i, column := range of {
		order[column.label], names[column.label] = i, column.title
	}
	return map[string]any{
		"excludeByName": map[string]bool{"Time": true, "Value": true, "Value #A": true},
		"indexByName":   order,
		"renameByName":  names,
	}
}
