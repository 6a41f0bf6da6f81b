package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// freshness is the row that tells whether the rows above can be trusted.
func freshness(in language) row {
	return row{in.text("Freshness", "数据时效"), []panel{
		{
			in.text("Refreshes", "采集结果"),
			in.text("Whether the last refresh of each listing succeeded. The row \"API\" and the log of the exporter say why one fails.",
				"任务列表和连接列表最近一次采集是否成功。失败的原因见“云 API”这一行和 exporter 的日志。"),
			24, 6, refreshes(in),
		},
		{
			in.text("Age of the data", "距上次采集成功"),
			in.text("Time since the last good refresh of each listing. At the dashed line, the default of --ckafka.stale-after, "+
				"the statuses are dropped, and alerts on them say nothing any more.",
				"距离各列表上一次采集成功有多久。到虚线（--ckafka.stale-after 的默认值）时不再输出状态，此后基于状态的告警不再可信。"),
			12, 7, forBoth(in, withLimit(graph(units.Seconds), 300), "time() - (max by (account, region) (%s) > 0)", "_last_success_timestamp_seconds"),
		},
		{
			in.text("Error count", "失败计数"),
			in.text("Failed refreshes since the exporter started, which the documented alerts compare with 10, the dashed line. "+
				"It falls to 0 only when the exporter restarts.",
				"exporter 启动以来采集失败的次数。rules.yml 的告警拿它与 10（虚线）比较。只有 exporter 重启才会归零。"),
			12, 7, forBoth(in, withLimit(graph(units.Short), 10), "max by (account, region) (%s)", "_error_count"),
		},
		{
			in.text("Items listed", "列出的数量"),
			in.text("Items that the last good refresh listed. A fall to 0 without a deletion means a wrong region or a policy "+
				"that shows less: check the key's permissions.",
				"最近一次成功的采集列出的任务数和连接数。没有人删除却降到 0，说明地域写错了，或者 CAM 策略放行的范围变小了：检查密钥的权限。"),
			12, 7, forBoth(in, graph(units.Short).Decimals(0), "max by (account, region) (%s)", "_items"),
		},
		{
			in.text("Items not listed", "未列出的数量"),
			in.text("Items that the API counts and does not list. They have no status here and fire no alert, "+
				"so look at them in the console if this stays above 0.",
				"云 API 的总数里有、列表里却没有的任务数和连接数。它们在这里没有状态，也不会触发告警；一直大于 0 时，到控制台查看。"),
			12, 7, notListed(in),
		},
	}}
}

func refreshes(in language) *statetimeline.PanelBuilder {
	panel := timeline(words(map[string]string{"0": in.text("failing", "失败"), "1": in.text("good", "成功")})).Thresholds(thresholds("red", step{1, "green"}))
	for _, k := range kinds() {
		panel.WithTarget(query(legend(in.text(k.noun, k.chinese)), "min by (account, region) (%s)", k.target("_up")))
	}
	return panel
}

// forBoth adds a query for each kind.
func forBoth(in language, panel *timeseries.PanelBuilder, expression, family string) *timeseries.PanelBuilder {
	for _, k := range kinds() {
		panel.WithTarget(query(legend(in.text(k.noun, k.chinese)), expression, k.target(family)))
	}
	return panel
}

func notListed(in language) *timeseries.PanelBuilder {
	panel := graph(units.Short).Decimals(0)
	for _, k := range kinds() {
		panel.WithTarget(query(legend(in.text(k.noun, k.chinese)), "max by (account, region) (%s - %s)", k.target("_items_reported"), k.target("_items")))
	}
	return panel
}
