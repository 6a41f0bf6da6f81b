package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// availability is the row that shows how much of the time the tasks ran. It reads
// recorded series: the samples of thirty days are too many for each refresh.
func availability() row {
	const help = "Tasks with the smallest share of the known time in which they ran, within the last %s. Time in which nothing was known " +
		"does not count, a planned pause does. Recorded by rules-recommended.yml."
	return row{"Availability", []panel{
		{"Least available tasks, 1 day", fmt.Sprintf(help, "day"), 12, 9, leastAvailable(":running:ratio1d")},
		{"Least available tasks, 30 days", fmt.Sprintf(help, "thirty days"), 12, 9, leastAvailable(":running:ratio30d")},
	}}
}

func leastAvailable(recorded string) *bargauge.PanelBuilder {
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
		NoValue("Nothing is recorded: load rules-recommended.yml").
		WithTarget(now(legend("{{TaskName}}"), "sort(bottomk(10, max by (%s, %s) (%s)))", tasks.identity(), tasks.name, tasks.item(recorded)))
}
