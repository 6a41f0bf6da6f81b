package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// exporter is the row about the exporter's own health.
func exporter(in language) row {
	noPush := in.text("No push is configured", "没有配置推送")
	return row{in.text("Exporter", "exporter 自身"), []panel{
		{
			in.text("Scrapes", "抓取结果"),
			in.text("Whether Prometheus could scrape each target. While it could not, nothing is known.",
				"Prometheus 能否抓到每个抓取目标。抓不到的时候，一切状态未知。"),
			8, 6, scrapes(in),
		},
		{
			in.text("Scrape duration", "抓取耗时"),
			in.text("How long a scrape took. It waits for the API, so it follows the refresh duration. "+
				"It must stay below scrape_timeout, 10 s by default.",
				"一次抓取的耗时。抓取要等云 API，所以跟着采集耗时变化。必须小于 scrape_timeout，默认 10 秒。"),
			8, 6, withLimit(graph(units.Seconds), 10).
				WithTarget(query("{{job}} {{instance}}", "max by (job, instance) (scrape_duration_seconds{%s})", jobs)),
		},
		{
			in.text("Memory", "内存"), in.text("Resident memory of the exporter.", "exporter 的常驻内存（RSS）。"),
			4, 6, graph(units.BytesIEC).
				WithTarget(query("{{instance}}", "max by (instance) (process_resident_memory_bytes{%s})", jobs)),
		},
		{
			"CPU", in.text("Share of one core that the exporter uses.", "exporter 占用一个核的比例。"),
			4, 6, graph(units.PercentUnit).
				WithTarget(query("{{instance}}", "max by (instance) (rate(process_cpu_seconds_total{%s}[$__rate_interval]))", jobs)),
		},
		{
			in.text("OTLP pushes", "OTLP 推送"),
			in.text("Pushes a minute, if a push is configured. Failures: the log of the exporter says what the collector answered.",
				"每分钟的推送次数，配置了推送才有。failure 是失败的，exporter 的日志里有 collector 的响应。"),
			8, 6, stacked(units.OpsPerMinute).NoValue(noPush).
				WithTarget(query("{{pushed}} {{result}}", "60 * sum by (pushed, result) (rate(datahub_exporter_otlp_pushes_total[$__rate_interval]))")),
		},
		{
			in.text("Age of the last push", "距上次推送成功"),
			in.text("Time since the last push that succeeded, by what it pushed. More than a few --otlp.interval "+
				"means that readers behind the collector see old data.",
				"距离上一次推送成功有多久，按推送的内容区分。超过几个 --otlp.interval，说明从 collector 读到的已经是旧数据。"),
			8, 6, graph(units.Seconds).NoValue(noPush).
				WithTarget(query("{{pushed}} {{instance}}",
					"time() - (max by (instance, pushed) (datahub_exporter_otlp_last_success_timestamp_seconds) > 0)")),
		},
		{
			in.text("Versions", "版本"), in.text("What runs where.", "各个实例运行的版本。"),
			8, 6, versions(in),
		},
	}}
}

func scrapes(in language) *statetimeline.PanelBuilder {
	return timeline(words(map[string]string{"0": in.text("down", "失败"), "1": in.text("up", "成功")})).
		Thresholds(thresholds("red", step{1, "green"})).
		WithTarget(query("{{job}} {{instance}}", "min by (job, instance) (up{%s})", jobs))
}

func versions(in language) *table.PanelBuilder {
	return table.NewPanelBuilder().
		WithTarget(asRows("max by (instance, version, revision, goversion) (datahub_exporter_build_info)")).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: columns(
			column{"instance", in.text("Instance", "实例")}, column{"version", in.text("Version", "版本")},
			column{"revision", in.text("Revision", "提交")}, column{"goversion", "Go"})})
}
