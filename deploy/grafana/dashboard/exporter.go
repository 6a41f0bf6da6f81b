package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// exporter is the row about the exporter's own health.
func exporter() row {
	return row{"Exporter", []panel{
		{
			"Scrapes", "Whether Prometheus could scrape each target. While it could not, nothing is known.",
			8, 6, scrapes(),
		},
		{
			"Scrape duration", "How long a scrape took. It waits for the API, so it follows the refresh duration. " +
				"It must stay below scrape_timeout, 10 s by default.",
			8, 6, withLimit(graph(units.Seconds), 10).
				WithTarget(query("{{job}} {{instance}}", "max by (job, instance) (scrape_duration_seconds{%s})", jobs)),
		},
		{
			"Memory", "Resident memory of the exporter.",
			4, 6, graph(units.BytesIEC).
				WithTarget(query("{{instance}}", "max by (instance) (process_resident_memory_bytes{%s})", jobs)),
		},
		{
			"CPU", "Share of one core that the exporter uses.",
			4, 6, graph(units.PercentUnit).
				WithTarget(query("{{instance}}", "max by (instance) (rate(process_cpu_seconds_total{%s}[$__rate_interval]))", jobs)),
		},
		{
			"OTLP pushes", "Pushes a minute, if a push is configured. Failures: the log of the exporter says what the collector answered.",
			8, 6, stacked(units.OpsPerMinute).NoValue("No push is configured").
				WithTarget(query("{{pushed}} {{result}}", "60 * sum by (pushed, result) (rate(datahub_exporter_otlp_pushes_total[$__rate_interval]))")),
		},
		{
			"Age of the last push", "Time since the last push that succeeded, by what it pushed. More than a few --otlp.interval " +
				"means that readers behind the collector see old data.",
			8, 6, graph(units.Seconds).NoValue("No push is configured").
				WithTarget(query("{{pushed}} {{instance}}",
					"time() - (max by (instance, pushed) (datahub_exporter_otlp_last_success_timestamp_seconds) > 0)")),
		},
		{
			"Versions", "What runs where.",
			8, 6, versions(),
		},
	}}
}

func scrapes() *statetimeline.PanelBuilder {
	return timeline(words(map[string]string{"0": "down", "1": "up"})).
		Thresholds(thresholds("red", step{1, "green"})).
		WithTarget(query("{{job}} {{instance}}", "min by (job, instance) (up{%s})", jobs))
}

func versions() *table.PanelBuilder {
	return table.NewPanelBuilder().
		WithTarget(asRows("max by (instance, version, revision, goversion) (datahub_exporter_build_info)")).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: columns(
			column{"instance", "Instance"}, column{"version", "Version"}, column{"revision", "Revision"}, column{"goversion", "Go"})})
}
