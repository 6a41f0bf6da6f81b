package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// progress is the row that shows whether data flows through the tasks that run.
func progress(in language) row {
	without := in.text(" Only with --ckafka.progress-interval, and for tasks that read from a topic.",
		"启动时加了 --ckafka.progress-interval 才有，而且只有从 Topic 读数据的任务有。")
	return row{in.text("Progress", "消费进度"), []panel{
		{
			in.text("Lag", "堆积"),
			in.text("Messages that the task has not committed yet. One that grows for long means that the target is too slow.",
				"任务还没有提交位点的消息数。长时间持续增长，说明数据目标写得太慢。") + without,
			8, 8, perTask(in, graph(units.Short).Decimals(0), "max by (%s, %s) (%s)", "_consumer_lag"),
		},
		{
			in.text("Committed messages per second", "每秒提交的消息数"),
			in.text("How fast the task commits. At 0 with a lag it is stalled; sinks that commit by the file do so in leaps.",
				"任务提交位点的速度。有堆积而速度是 0，说明停滞了；写满一个文件才提交的任务（例如 COS）是一阵一阵的。") + without,
			8, 8, perTask(in, graph(units.Short), "max by (%s, %s) (deriv(%s[15m]))", "_consumer_offset"),
		},
		{
			in.text("Stalled", "停滞时长"),
			in.text("How long the longest stalled partition has had nothing committed although messages wait and more are written. "+
				"CKafkaTaskStalled fires at the dashed line. See the target's errors, then restart the task.",
				"停滞最久的分区有多久没有提交位点，而它有堆积，并且还在写入。到虚线时触发 CKafkaTaskStalled。"+
					"先看数据目标的报错，再重启任务。") + without,
			8, 8, perTask(in, withLimit(graph(units.Seconds), 900), "max by (%s, %s) (%s)", "_stalled_seconds"),
		},
	}}
}

// perTask adds a query with a line for each task.
func perTask(in language, panel *timeseries.PanelBuilder, expression, family string) *timeseries.PanelBuilder {
	return panel.
		NoValue(in.text("Progress is not asked for, or not known: see CKafkaProgressNotKnown",
			"没有查询消费进度，或者查询失败：见 CKafkaProgressNotKnown")).
		WithTarget(query(legend("{{"+tasks.name+"}}"), expression, tasks.identity(), tasks.name, tasks.item(family)))
}
