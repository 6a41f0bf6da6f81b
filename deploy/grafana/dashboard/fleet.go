package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// fleet is the row to read first.
func fleet() row {
	return row{"Fleet", []panel{
		{
			"Tasks", "Connector tasks by condition. Failed ones need someone: see \"Tasks not running\". " +
				"Changing ones should not stay so for more than half an hour. \"Not known\" means that no refresh succeeded: see \"Refreshes\".",
			12, 4, counts(tasks, failed, unknown, paused, changing, running),
		},
		{
			"Connections", "Connections to databases and other systems by condition. A failed one can stop the tasks behind it: " +
				"mend it first.",
			12, 4, counts(connections, failed, unknown, changing, running),
		},
		{
			"Regions", "Regions of which the last refresh of both listings succeeded, and those of which one failed. Of a failing one the " +
				"statuses are the last known, and after --ckafka.stale-after they are gone. \"Refreshes\" says which, the row \"API\" why.",
			8, 4, regions(),
		},
		{
			"Tasks cut off", "Tasks whose connection has failed, as the API counts them. Data may not flow, whatever their own state says. " +
				"Mend the connection first.",
			4, 4, cutOff(),
		},
		{
			"Oldest data", "Age of the oldest listing. More than a few minutes means that what is shown here may no longer be so. " +
				"\"Never\": no refresh has succeeded since the exporter started; read its log.",
			4, 4, oldest(),
		},
		{
			"Failed refreshes, 1 h", "Refreshes that failed within the last hour, tasks and connections together. " +
				"A few are blips; the log of the exporter has a line for each kind.",
			4, 4, failures(),
		},
		{
			"Targets down", "Scrape targets of the jobs named datahub-exporter… that Prometheus cannot scrape. " +
				"Is the exporter running, and reachable from Prometheus?",
			4, 4, targetsDown(),
		},
	}}
}

// counts shows the number of items in each condition. It shows zero only where a
// listing is known: what is unknown is not healthy.
func counts(k kind, conditions ...condition) *stat.PanelBuilder {
	panel := figures(units.Short).NoValue("Not known")
	for _, c := range conditions {
		panel.WithTarget(now(c.title, "count(max by (%s) (%s)) or 0 * count(%s)",
			k.identity(), k.item("_state", k.in(c)), k.target("_items")))
		panel.OverrideByName(c.title, colorFromOne(c.color))
	}
	return panel
}

// regions counts a region as failing if any exporter fails to list items of either
// kind.
func regions() *stat.PanelBuilder {
	up := inChoice("", `__name__=~"(datahub_task|connect_resource)_up"`)
	const expression = "count(min by (account, region) (%[1]s) == %[2]d) or 0 * count(%[1]s)"
	return figures(units.Short).
		NoValue("Not known").
		WithTarget(now("Up", expression, up, 1)).
		WithTarget(now("Failing", expression, up, 0)).
		OverrideByName("Up", colorFromOne(running.color)).
		OverrideByName("Failing", colorFromOne(failed.color))
}

func cutOff() *stat.PanelBuilder {
	return figures(units.Short).
		TextMode(common.BigValueTextModeValue).
		NoValue("Not known").
		Thresholds(thresholds("green", step{1, "red"})).
		WithTarget(now("", "sum(max by (%[1]s) (%[2]s) and on (%[1]s) %[3]s) or 0 * count(%[4]s)", connections.identity(),
			connections.item("_tasks"), connections.item("_state", connections.in(failed)), connections.target("_items")))
}

func oldest() *stat.PanelBuilder {
	// The exporter reports 0 before the first success.
	never := dashboard.ValueMapping{RangeMap: &dashboard.RangeMap{
		Type: dashboard.MappingTypeRangeToText,
		Options: dashboard.DashboardRangeMapOptions{
			From: new(1e9), To: new(1e12), Result: dashboard.ValueMappingResult{Text: new("never")},
		},
	}}
	return figures(units.Seconds).
		TextMode(common.BigValueTextModeValue).
		Decimals(0).
		Mappings([]dashboard.ValueMapping{never}).
		Thresholds(thresholds("green", step{150, "orange"}, step{300, "red"})).
		WithTarget(now("", "time() - min(%s)",
			inChoice("", `__name__=~"(datahub_task|connect_resource)_last_success_timestamp_seconds"`)))
}

func failures() *stat.PanelBuilder {
	return figures(units.Short).
		TextMode(common.BigValueTextModeValue).
		Decimals(0).
		Thresholds(thresholds("green", step{1, "orange"}, step{11, "red"})).
		WithTarget(now("", "sum(max by (account, region) (increase(%s[1h]))) + sum(max by (account, region) (increase(%s[1h])))",
			tasks.target("_error_count"), connections.target("_error_count")))
}

// jobs selects Prometheus' own series about the shipped scrape jobs.
const jobs = `job=~"datahub-exporter.*"`

func targetsDown() *stat.PanelBuilder {
	return figures(units.Short).
		TextMode(common.BigValueTextModeValue).
		NoValue("No job").
		Thresholds(thresholds("green", step{1, "red"})).
		WithTarget(now("", "count(up{%s} == 0) or 0 * count(up{%s})", jobs, jobs))
}
