package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// overTime is the row that shows since when.
func overTime(in language) row {
	return row{in.text("Over time", "历史状态"), []panel{
		{
			in.text("Tasks that did not always run", "曾经未运行的任务"),
			in.text("State of each task that was not running at any time shown; choose one by name above. "+
				"A gap means that its state was not known. A connection beside it that failed first is the cause.",
				"所选时间内曾经没在运行的任务，各个时间的状态；可以在上方按名称选择。空白表示当时状态未知。"+
					"如果右边有连接先失败，原因就在那个连接。"),
			14, 10, itemsOverTime(in, tasks),
		},
		{
			in.text("Connections that did not always run", "曾经未运行的连接"),
			in.text("State of each connection that was not running at any time shown. "+
				"A gap means that its state was not known.",
				"所选时间内曾经没在运行的连接，各个时间的状态。空白表示当时状态未知。"),
			10, 10, itemsOverTime(in, connections),
		},
		{
			in.text("Tasks by state", "任务数（按状态）"),
			in.text("Number of tasks in each state. A fall of the sum is a deletion, or a region that is not known any more.",
				"各状态的任务数。总数下降，说明有任务被删除，或者有地域的状态取不到了。"),
			14, 7, byState(in, tasks),
		},
		{
			in.text("Connections by state", "连接数（按状态）"),
			in.text("Number of connections in each state. A fall of the sum is a deletion, or a region that is not known any more.",
				"各状态的连接数。总数下降，说明有连接被删除，或者有地域的状态取不到了。"),
			10, 7, byState(in, connections),
		},
	}}
}

func itemsOverTime(in language, k kind) *statetimeline.PanelBuilder {
	return timeline(k.codes(in)).
		NoValue(in.text("All ran all the time, or nothing is known: see \"Refreshes\"", "全部一直在运行，或者状态未知：见“采集结果”")).
		PerPage(20).
		WithTarget(query(legend("{{"+k.name+"}}"),
			"max by (%[1]s, %[2]s) (%[3]s)\nand on (%[1]s) present_over_time(%[4]s[$__range] @ end())",
			k.identity(), k.name, k.item("_status"), k.item("_state", `state!="running"`)))
}

func byState(in language, k kind) *timeseries.PanelBuilder {
	panel := stacked(units.Short).Decimals(0).
		WithTarget(query("{{state}}", "count by (state) (max by (%s, state) (%s))", k.identity(), k.item("_state")))
	for _, state := range k.states() {
		shown := fixedColor(state.color)
		if in == inChinese {
			shown = append(shown, properties("displayName", state.chinese)...)
		}
		panel.OverrideByName(state.name, shown)
	}
	return panel
}
