package main

import (
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// graph returns a panel with lines over time.
func graph(unit string) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().
		Unit(unit).
		Min(0).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)).
		FillOpacity(10).
		ShowPoints(common.VisibilityModeNever).
		Legend(legendBelow()).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
}

// withLimit adds a dashed line that the values should stay below, and keeps it in
// view.
func withLimit(graph *timeseries.PanelBuilder, limit float64) *timeseries.PanelBuilder {
	return graph.
		Thresholds(thresholds("transparent", step{limit, "red"})).
		ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed)).
		AxisSoftMax(limit * 1.1)
}

// stacked returns a panel of values whose sum is meaningful too.
func stacked(unit string) *timeseries.PanelBuilder {
	return graph(unit).
		FillOpacity(60).
		LineWidth(0).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
}

// figures returns a panel with one number per series, side by side.
func figures(unit string) *stat.PanelBuilder {
	return stat.NewPanelBuilder().
		Unit(unit).
		ColorScheme(byThreshold()).
		ColorMode(common.BigValueColorModeValue).
		GraphMode(common.BigValueGraphModeNone).
		TextMode(common.BigValueTextModeValueAndName).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
}

// timeline returns a panel of each item's states over time.
func timeline(words dashboard.ValueMapping) *statetimeline.PanelBuilder {
	return statetimeline.NewPanelBuilder().
		Mappings([]dashboard.ValueMapping{words}).
		// A value without a mapping has the color of unknown.
		Thresholds(thresholds(unknown.color)).
		ColorScheme(byThreshold()).
		MergeValues(true).
		ShowValue(common.VisibilityModeAuto).
		AlignValue(common.TimelineValueAlignmentLeft).
		RowHeight(0.85).
		FillOpacity(80).
		LineWidth(0).
		Legend(legendBelow())
}

func legendBelow() *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().
		ShowLegend(true).
		DisplayMode(common.LegendDisplayModeList).
		Placement(common.LegendPlacementBottom)
}

func byThreshold() *dashboard.FieldColorBuilder {
	return dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)
}

// step is a color that applies from a value upwards.
type step struct {
	from  float64
	color string
}

func thresholds(base string, steps ...step) *dashboard.ThresholdsConfigBuilder {
	all := []dashboard.Threshold{{Color: base}}
	for _, step := range steps {
		all = append(all, dashboard.Threshold{Value: &step.from, Color: step.color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

// properties returns the properties of an override, given as alternating names and
// values.
func properties(namesAndValues ...any) []dashboard.DynamicConfigValue {
	var all []dashboard.DynamicConfigValue
	for pair := range slices.Chunk(namesAndValues, 2) {
		all = append(all, dashboard.DynamicConfigValue{Id: pair[0].(string), Value: pair[1]})
	}
	return all
}

// words maps values to words and leaves their colors to the thresholds.
func words(of map[string]string) dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for value, word := range of {
		options[value] = dashboard.ValueMappingResult{Text: &word}
	}
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}
}

// colorFromOne returns the properties of a number that is colored from 1 upwards.
func colorFromOne(color string) []dashboard.DynamicConfigValue {
	return properties("thresholds", map[string]any{
		"mode": "absolute", "steps": []dashboard.Threshold{{Color: "text"}, {Value: new(1.0), Color: color}},
	})
}

// fixedColor returns the properties of a series with a color of its own.
func fixedColor(color string) []dashboard.DynamicConfigValue {
	return properties("color", map[string]any{"mode": "fixed", "fixedColor": color})
}
