package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// freshness is the row that tells whether the rows above can be trusted.
func freshness() row {
	return row{"Freshness", []panel{
		{
			"Refreshes", "Whether the last refresh of each listing succeeded. The row \"API\" and the log of the exporter say why one fails.",
			24, 6, refreshes(),
		},
		{
			"Age of the data", "Time since the last good refresh of each listing. At the dashed line, the default of --ckafka.stale-after, " +
				"the statuses are dropped, and alerts on them say nothing any more.",
			12, 7, forBoth(withLimit(graph(units.Seconds), 300), "time() - (max by (account, region) (%s) > 0)", "_last_success_timestamp_seconds"),
		},
		{
			"Error count", "Failed refreshes since the exporter started, which the documented alerts compare with 10, the dashed line. " +
				"It falls to 0 only when the exporter restarts.",
			12, 7, forBoth(withLimit(graph(units.Short), 10), "max by (account, region) (%s)", "_error_count"),
		},
		{
			"Items listed", "Items that the last good refresh listed. A fall to 0 without a deletion means a wrong region or a policy " +
				"that shows less: check the key's permissions.",
			12, 7, forBoth(graph(units.Short).Decimals(0), "max by (account, region) (%s)", "_items"),
		},
		{
			"Items not listed", "Items that the API counts and does not list. They have no status here and fire no alert, " +
				"so look at them in the console if this stays above 0.",
			12, 7, notListed(),
		},
	}}
}

func refreshes() *statetimeline.PanelBuilder {
	panel := timeline(words(map[string]string{"0": "failing", "1": "good"})).Thresholds(thresholds("red", step{1, "green"}))
	for _, k := range kinds() {
		panel.WithTarget(query(legend(k.noun), "min by (account, region) (%s)", k.target("_up")))
	}
	return panel
}

// forBoth adds a query for each kind.
func forBoth(panel *timeseries.PanelBuilder, expression, family string) *timeseries.PanelBuilder {
	for _, k := range kinds() {
		panel.WithTarget(query(legend(k.noun), expression, k.target(family)))
	}
	return panel
}

func notListed() *timeseries.PanelBuilder {
	panel := graph(units.Short).Decimals(0)
	for _, k := range kinds() {
		panel.WithTarget(query(legend(k.noun), "max by (account, region) (%s - %s)", k.target("_items_reported"), k.target("_items")))
	}
	return panel
}
