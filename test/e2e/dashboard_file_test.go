package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// dashboard is the part of the shipped dashboard that Grafana evaluates.
type dashboard struct {
	Panels     []dashboardPanel
	Templating struct{ List []dashboardVariable }
}

type dashboardPanel struct {
	Title, Type string
	Targets     []dashboardTarget
	FieldConfig struct {
		Defaults  struct{ Mappings []withOptions }
		Overrides []dashboardOverride
	}
	Transformations []withOptions
}

// dashboardOverride changes how fields look, such as the column with a title.
type dashboardOverride struct {
	Matcher    struct{ ID, Options string }
	Properties []struct {
		ID    string
		Value json.RawMessage
	}
}

// withOptions has options that depend on its ID.
type withOptions struct {
	ID      string
	Options json.RawMessage
}

type dashboardTarget struct {
	Expr, LegendFormat string
	Range              bool
}

// dashboardVariable is a variable. Those without a query have no definition.
type dashboardVariable struct {
	Name, Type, Definition, AllValue string
	// Query is a data source type, or the same as the definition.
	Query any
}

func readDashboard(t testing.TB) *dashboard {
	t.Helper()
	return readDashboardFile(t, "datahub_exporter.json")
}

func readDashboardFile(t testing.TB, name string) *dashboard {
	t.Helper()
	content, err := os.ReadFile(shipped(t, "deploy/grafana/"+name))
	if err != nil {
		t.Fatal(err)
	}
	var read dashboard
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

// panel returns the panel with the given title.
func (d *dashboard) panel(t testing.TB, title string) dashboardPanel {
	t.Helper()
	for _, panel := range d.Panels {
		if panel.Title == title {
			return panel
		}
	}
	t.Fatalf("the dashboard has no panel %q", title)
	panic("unreachable")
}

// words returns the texts that a panel shows, by value.
func (p dashboardPanel) words(t testing.TB) map[string]string {
	t.Helper()
	return wordsOf(t, p.FieldConfig.Defaults.Mappings)
}

// wordsIn returns the texts that a column of a table shows, by value.
func (p dashboardPanel) wordsIn(t testing.TB, column string) map[string]string {
	t.Helper()
	for _, override := range p.FieldConfig.Overrides {
		for _, property := range override.Properties {
			if override.Matcher.ID == "byName" && override.Matcher.Options == column && property.ID == "mappings" {
				var mappings []withOptions
				if err := json.Unmarshal(property.Value, &mappings); err != nil {
					t.Fatalf("%s: %s: %v", p.Title, column, err)
				}
				return wordsOf(t, mappings)
			}
		}
	}
	return nil
}

func wordsOf(t testing.TB, mappings []withOptions) map[string]string {
	t.Helper()
	var options map[string]struct{ Text string }
	if err := json.Unmarshal(mappings[0].Options, &options); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for value, option := range options {
		words[value] = option.Text
	}
	return words
}

// choice is what a reader selected: patterns by variable name.
type choice map[string]string

// everything returns what Grafana substitutes for "All".
func (d *dashboard) everything() choice {
	chosen := choice{}
	for _, variable := range d.Templating.List {
		if variable.Definition != "" {
			chosen[variable.Name] = variable.AllValue
		}
	}
	return chosen
}

// with returns the choice with one variable changed.
func (c choice) with(name, value string) choice {
	other := maps.Clone(c)
	other[name] = value
	return other
}

// expand substitutes the choice and the times in an expression, as Grafana does.
// The times are shorter because scrapes are more frequent.
func (c choice) expand(expression string) string {
	pairs := []string{"$__rate_interval", "5s", "$__range", dashboardRange.String()}
	for name, value := range c {
		pairs = append(pairs, "$"+name, value)
	}
	return strings.NewReplacer(pairs...).Replace(expression)
}

// dashboardRange is the time range that the dashboard shows.
const dashboardRange = 10 * time.Second

// drawn is a series drawn by a panel, or a row of a table.
type drawn struct {
	Metric map[string]string
	// Value is the current value, or the last one.
	Value float64
}

// draw evaluates an expression and returns the series that have a value to draw.
func (p *prometheus) draw(t testing.TB, target dashboardTarget, chosen choice) ([]drawn, error) {
	t.Helper()
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
			Values [][2]any
		}
	}
	path, query := "/api/v1/query", url.Values{"query": {chosen.expand(target.Expr)}}
	if target.Range {
		now := time.Now()
		path += "_range"
		query.Set("start", strconv.FormatInt(now.Add(-dashboardRange).Unix(), 10))
		query.Set("end", strconv.FormatInt(now.Unix(), 10))
		query.Set("step", "1")
	}
	if err := p.ask(t, path, query, &data); err != nil {
		return nil, err
	}
	var all []drawn
	for _, result := range data.Result {
		values := result.Values
		if !target.Range {
			values = [][2]any{result.Value}
		}
		values = slices.DeleteFunc(values, func(v [2]any) bool { return math.IsNaN(number(v)) })
		if len(values) > 0 {
			all = append(all, drawn{result.Metric, number(values[len(values)-1])})
		}
	}
	return all, nil
}

// number returns the value of a sample, or NaN if it is not a number.
func number(sample [2]any) float64 {
	text, _ := sample[1].(string)
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return value
}

// figuresOf returns the values of a panel's series by legend.
func (p *prometheus) figuresOf(t testing.TB, panel dashboardPanel, chosen choice) (map[string]float64, error) {
	t.Helper()
	figures := map[string]float64{}
	for _, target := range panel.Targets {
		all, err := p.draw(t, target, chosen)
		if err != nil {
			return nil, err
		}
		for _, each := range all {
			figures[legendOf(target.LegendFormat, each.Metric)] = each.Value
		}
	}
	return figures, nil
}

var labelInLegend = regexp.MustCompile(`\{\{(\w+)\}\}`)

func legendOf(format string, labels map[string]string) string {
	return strings.TrimSpace(labelInLegend.ReplaceAllStringFunc(format, func(label string) string {
		return labels[strings.Trim(label, "{}")]
	}))
}

var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// values returns the values that a variable offers.
func (p *prometheus) values(t testing.TB, variable dashboardVariable, chosen choice) ([]string, error) {
	t.Helper()
	parts := labelValues.FindStringSubmatch(variable.Definition)
	if parts == nil {
		return nil, fmt.Errorf("%s: %s is no list of a label's values", variable.Name, variable.Definition)
	}
	var values []string
	err := p.ask(t, "/api/v1/label/"+parts[2]+"/values", url.Values{"match[]": {chosen.expand(parts[1])}}, &values)
	return values, err
}

// organized holds the options of the transformation that names and orders columns.
type organized struct {
	ExcludeByName map[string]bool
	IndexByName   map[string]int
	RenameByName  map[string]string
}

// tableOf returns a table's content in Markdown as the panel shows it, header first. A label that no
// series has is not a column.
func (p *prometheus) tableOf(t testing.TB, panel dashboardPanel, chosen choice) ([]string, error) {
	t.Helper()
	rows, err := p.draw(t, panel.Targets[0], chosen)
	if err != nil {
		return nil, err
	}
	var columns organized
	for _, transformation := range panel.Transformations {
		if transformation.ID == "organize" {
			if err := json.Unmarshal(transformation.Options, &columns); err != nil {
				return nil, fmt.Errorf("%s: %w", panel.Title, err)
			}
		}
	}
	present := map[string]bool{}
	for _, row := range rows {
		for label := range row.Metric {
			if _, known := columns.RenameByName[label]; !known && !columns.ExcludeByName[label] {
				return nil, fmt.Errorf("%s: the column %s has no name", panel.Title, label)
			}
			present[label] = true
		}
	}
	labels := slices.SortedFunc(maps.Keys(present), func(a, b string) int {
		return cmp.Compare(columns.IndexByName[a], columns.IndexByName[b])
	})
	for _, row := range rows {
		for _, label := range labels {
			if text, has := panel.wordsIn(t, columns.RenameByName[label])[row.Metric[label]]; has {
				row.Metric[label] = text
			}
		}
	}
	return markdown(rows, labels, columns.RenameByName), nil
}

// markdown formats a table, highest value first, as the panel sorts it, and rows
// with the same value by their text.
func markdown(rows []drawn, labels []string, names map[string]string) []string {
	line := func(cell func(label string) string) string {
		var cells []string
		for _, label := range labels {
			cells = append(cells, cmp.Or(strings.ReplaceAll(cell(label), "|", `\|`), "–"))
		}
		return "| " + strings.Join(cells, " | ") + " |"
	}
	text := func(row drawn) string { return line(func(label string) string { return row.Metric[label] }) }
	slices.SortFunc(rows, func(a, b drawn) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(text(a), text(b)))
	})
	lines := []string{line(func(label string) string { return names[label] }), "|" + strings.Repeat("---|", len(labels))}
	for _, row := range rows {
		lines = append(lines, text(row))
	}
	return lines
}
