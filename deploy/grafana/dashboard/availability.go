package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// availability is the row that shows how much of the time the tasks ran. It reads
// recorded series: the samples of thirty days are too many for each refresh.
func availability(in language) row {
	help := in.text("Tasks with the smallest share of the known time in which they ran, within the last %s. Time in which nothing was known "+
		"does not count, a planned pause does. Recorded by rules-recommended.yml.",
		"最近 %s可用率最低的任务。可用率是运行的时间占状态已知的时间的比例：状态未知的时间不算在内，人为暂停的时间算作没有运行。"+
			"由 rules-recommended.yml 记录。")
	return row{in.text("Availability", "可用率"), []panel{
		{
			in.text("Least available tasks, 1 day", "可用率最低的任务（1 天）"), fmt.Sprintf(help, in.text("day", "1 天")),
			12, 9, leastAvailable(in, ":running:ratio1d"),
		},
		{
			in.text("Least available tasks, 30 days", "可用率最低的任务（30 天）"), fmt.Sprintf(help, in.text("thirty days", "30 天")),
			12, 9, leastAvailable(in, ":running:ratio30d"),
		},
	}}
}

func leastAvailable(in language, recorded string) *bargauge.PanelBuilder {
	return bargauge.NewPanelBuilder().
		Unit(units.PercentUnit).
		Decimals(2).
		Min(0).
		Max(1).
		ColorScheme(byThreshold()).
		Thresholds(thresholds("red", step{0.95, "orange"}, step{0.99, "green"})).
		DisplayMode(common.BarGaugeDisplayModeBasic).
		Orientation(common.VizOrientationHorizontal).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		NoValue(in.text("Nothing is recorded: load rules-recommended.yml", "没有记录：请加载 rules-recommended.yml")).
		WithTarget(now(legend("{{TaskName}}"), "sort(bottomk(10, max by (%s, %s) (%s)))", tasks.identity(), tasks.name, tasks.item(recorded)))
}
