package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// fleet is the row to read first.
func fleet(in language) row {
	return row{in.text("Fleet", "总览"), []panel{
		{
			in.text("Tasks", "任务"),
			in.text("Connector tasks by condition. Failed ones need someone: see \"Tasks not running\". "+
				"Changing ones should not stay so for more than half an hour. \"Not known\" means that no refresh succeeded: see \"Refreshes\".",
				"各类状态的连接器任务数。失败的要有人处理，见“未运行的任务”；变更中的不应超过半小时。"+
					"显示“状态未知”，说明采集没有成功过，见“采集结果”。"),
			12, 4, counts(in, tasks, failed, unknown, paused, changing, running),
		},
		{
			in.text("Connections", "连接"),
			in.text("Connections to databases and other systems by condition. A failed one can stop the tasks behind it: "+
				"fix it first.",
				"各类状态的连接数，连接通向数据库等系统。连接失败会让使用它的任务停下来：先处理连接。"),
			12, 4, counts(in, connections, failed, unknown, changing, running),
		},
		{
			in.text("Regions", "地域"),
			in.text("Regions of which the last refresh of both listings succeeded, and those of which one failed. Of a failing one the "+
				"statuses are the last known, and after --ckafka.stale-after they are gone. \"Refreshes\" says which, the row \"API\" why.",
				"任务和连接最近一次都采集成功的地域数，以及有一项失败的地域数。采集失败的地域，显示的是最后一次看到的状态，"+
					"超过 --ckafka.stale-after 就不再显示。是哪个地域见“采集结果”，原因见“云 API”这一行。"),
			8, 4, regions(in),
		},
		{
			in.text("Tasks cut off", "受影响的任务"),
			in.text("Tasks whose connection has failed, as the API counts them. Data may not flow, whatever their own state says. "+
				"Fix the connection first.",
				"所用连接已失败的任务数，由云 API 统计。不管任务自身是什么状态，数据都可能已经不通。先处理连接。"),
			4, 4, cutOff(in),
		},
		{
			in.text("Oldest data", "最旧的数据"),
			in.text("Age of the oldest listing. More than a few minutes means that what is shown here may no longer be so. "+
				"\"Never\": no refresh has succeeded since the exporter started; read its log.",
				"最早的一份列表是多久以前的。超过几分钟，这里显示的状态就可能已经变了。"+
					"“从未成功”：exporter 启动后还没有采集成功过，看它的日志。"),
			4, 4, oldest(in),
		},
		{
			in.text("Failed refreshes, 1 h", "采集失败（1 小时）"),
			in.text("Refreshes that failed within the last hour, tasks and connections together. "+
				"A few are blips; the log of the exporter has a line for each kind.",
				"最近 1 小时采集失败的次数，任务和连接合计。零星几次是抖动；每一类失败在 exporter 的日志里都有一行。"),
			4, 4, failures(),
		},
		{
			in.text("Targets down", "抓不到的目标"),
			in.text("Scrape targets of the jobs named datahub-exporter… that Prometheus cannot scrape. "+
				"Is the exporter running, and reachable from Prometheus?",
				"名称以 datahub-exporter 开头的抓取任务（job）里，Prometheus 抓不到的目标数。"+
					"检查 exporter 是否在运行、Prometheus 能否连到它。"),
			4, 4, targetsDown(in),
		},
	}}
}

func notKnown(in language) string { return in.text("Not known", "状态未知") }

// counts shows the number of items in each condition. It shows zero only where a
// listing is known: what is unknown is not healthy.
func counts(in language, k kind, conditions ...condition) *stat.PanelBuilder {
	panel := figures(units.Short).NoValue(notKnown(in))
	for _, c := range conditions {
		title := in.text(c.title, c.chinese)
		panel.WithTarget(now(title, "count(max by (%s) (%s)) or 0 * count(%s)",
			k.identity(), k.item("_state", k.in(c)), k.target("_items")))
		panel.OverrideByName(title, colorFromOne(c.color))
	}
	return panel
}

// regions counts a region as failing if any exporter fails to list items of either
// kind.
func regions(in language) *stat.PanelBuilder {
	up := inChoice("", `__name__=~"(datahub_task|connect_resource)_up"`)
	good, failing := in.text("Up", "正常"), in.text("Failing", "采集失败")
	const expression = "count(min by (account, region) (%[1]s) == %[2]d) or 0 * count(%[1]s)"
	return figures(units.Short).
		NoValue(notKnown(in)).
		WithTarget(now(good, expression, up, 1)).
		WithTarget(now(failing, expression, up, 0)).
		OverrideByName(good, colorFromOne(running.color)).
		OverrideByName(failing, colorFromOne(failed.color))
}

func cutOff(in language) *stat.PanelBuilder {
	return figures(units.Short).
		TextMode(common.BigValueTextModeValue).
		NoValue(notKnown(in)).
		Thresholds(thresholds("green", step{1, "red"})).
		WithTarget(now("", "sum(max by (%[1]s) (%[2]s) and on (%[1]s) %[3]s) or 0 * count(%[4]s)", connections.identity(),
			connections.item("_tasks"), connections.item("_state", connections.in(failed)), connections.target("_items")))
}

func oldest(in language) *stat.PanelBuilder {
	// The exporter reports 0 before the first success.
	never := dashboard.ValueMapping{RangeMap: &dashboard.RangeMap{
		Type: dashboard.MappingTypeRangeToText,
		Options: dashboard.DashboardRangeMapOptions{
			From: new(1e9), To: new(1e12), Result: dashboard.ValueMappingResult{Text: new(in.text("never", "从未成功"))},
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

func targetsDown(in language) *stat.PanelBuilder {
	return figures(units.Short).
		TextMode(common.BigValueTextModeValue).
		NoValue(in.text("No job", "没有抓取任务")).
		Thresholds(thresholds("green", step{1, "red"})).
		WithTarget(now("", "count(up{%s} == 0) or 0 * count(up{%s})", jobs, jobs))
}
