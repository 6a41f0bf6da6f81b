package e2e

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// exposition holds the metric families of one or more paths by name.
type exposition map[string]family

// family is the type of a metric and its values by labels.
type family struct {
	Type   string
	Series map[string]float64
}

// scrape parses the text exposition of the given paths.
func scrape(ctx context.Context, address string, paths ...string) (exposition, error) {
	return scrapeAs(ctx, nil, address, paths...)
}

// scrapeAs is like scrape but adds the labels of the scrape job, if any, to each
// series.
func scrapeAs(ctx context.Context, jobs map[string]model.LabelSet, address string, paths ...string) (exposition, error) {
	shown := exposition{}
	for _, path := range paths {
		body, err := fetch(ctx, "http://"+address+path)
		if err != nil {
			return nil, err
		}
		parsed, err := parse(body, jobs[path])
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", path, err)
		}
		maps.Copy(shown, parsed)
	}
	return shown, nil
}

func parse(text []byte, more model.LabelSet) (exposition, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	parsed := exposition{}
	for name, shown := range families {
		series := map[string]float64{}
		for _, metric := range shown.Metric {
			series[labelsOf(metric, more)] = valueOf(metric)
		}
		if len(series) != len(shown.Metric) {
			return nil, fmt.Errorf("%s has equal series", name)
		}
		parsed[name] = family{shown.GetType().String(), series}
	}
	return parsed, nil
}

// labelsOf formats the labels and the additional ones, sorted by name.
func labelsOf(metric *dto.Metric, more model.LabelSet) string {
	labels := model.LabelSet{}
	maps.Copy(labels, more)
	for _, pair := range metric.Label {
		if pair.GetValue() == "" {
			continue // as in Prometheus, an empty label is a missing one
		}
		labels[model.LabelName(pair.GetName())] = model.LabelValue(pair.GetValue())
	}
	return labels.String()
}

// valueOf returns the value of a metric or, for a histogram, its observation count.
func valueOf(metric *dto.Metric) float64 {
	switch {
	case metric.Gauge != nil:
		return metric.Gauge.GetValue()
	case metric.Counter != nil:
		return metric.Counter.GetValue()
	case metric.Histogram != nil:
		return float64(metric.Histogram.GetSampleCount())
	}
	return metric.Untyped.GetValue()
}

// documented returns the families of the two documented paths.
func (e exposition) documented() exposition {
	return e.only(func(name string) bool {
		return strings.HasPrefix(name, "datahub_task_") || strings.HasPrefix(name, "connect_resource_")
	})
}

func (e exposition) only(wanted func(name string) bool) exposition {
	kept := exposition{}
	for name, shown := range e {
		if wanted(name) {
			kept[name] = shown
		}
	}
	return kept
}

// difference returns the differences in names, types, labels and values. It is
// empty if there are none; NaN equals NaN.
func difference(want, have exposition) string {
	return cmp.Diff(want, have, cmp.Comparer(func(a, b float64) bool {
		return a == b || math.IsNaN(a) && math.IsNaN(b)
	}))
}

// shorten keeps a diff of thousands of series readable.
func shorten(text string) string {
	const most = 4000
	if len(text) > most {
		return text[:most] + "\n..."
	}
	return text
}

// The comparison that the other tests rely on notices every kind of difference.
func TestDifferenceTellsNameLabelTypeAndValue(t *testing.T) {
	const want = "# TYPE a_status gauge\na_status{TaskId=\"1\"} NaN\na_status{TaskId=\"2\"} 1\n"
	tests := map[string]struct {
		have  string
		equal bool
	}{
		"equal, in another order": {"# TYPE a_status gauge\na_status{TaskId=\"2\"} 1\na_status{TaskId=\"1\"} NaN\n", true},
		"name":                    {strings.ReplaceAll(want, "a_status", "a_status_ratio"), false},
		"label name":              {strings.Replace(want, "TaskId", "task_id", 1), false},
		"label value":             {strings.Replace(want, `"2"`, `"3"`, 1), false},
		"label more":              {strings.Replace(want, `"2"`, `"2",job="x"`, 1), false},
		"type":                    {strings.Replace(want, "gauge", "counter", 1), false},
		"value":                   {strings.Replace(want, "} 1", "} 6", 1), false},
		"value that is unknown":   {strings.Replace(want, "NaN", "0", 1), false},
		"series less":             {strings.Replace(want, "a_status{TaskId=\"2\"} 1\n", "", 1), false},
		"family more":             {want + "b 1\n", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wanted, err := parse([]byte(want), nil)
			if err != nil {
				t.Fatal(err)
			}
			had, err := parse([]byte(test.have), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := difference(wanted, had); (diff == "") != test.equal {
				t.Errorf("want equal: %v, have the difference:\n%s", test.equal, diff)
			}
		})
	}
}
