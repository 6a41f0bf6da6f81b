package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

var (
	// aText matches the paths of what readers read, and of what names the dashboard.
	aText = regexp.MustCompile(`/(title|description|label|text|noValue|legendFormat|renameByName/\w+)$|^/uid$`)
	// aName matches the paths of what refers to a text or to the value of a label;
	// TestOverridesFindTheirFields checks it.
	aName = regexp.MustCompile(`/matcher/options$`)
	// onlyChinese are the properties that the English dashboard does without: its
	// readers see the values of the labels.
	onlyChinese = []any{"displayName", "mappings"}

	han      = regexp.MustCompile(`\p{Han}`)
	template = regexp.MustCompile(`\{\{\w+\}\}`)
	letters  = regexp.MustCompile(`[A-Za-z]`)
	// international are the texts that are the same in both languages.
	international = regexp.MustCompile(`^(CPU|Go|ID|p50 |p99 )$`)
)

// The dashboards differ only in their texts, and each text is in the language of its
// dashboard.
func TestDashboardsDifferOnlyInTexts(t *testing.T) {
	compare(t, "", decoded(t, inEnglish), decoded(t, inChinese))
}

func decoded(t *testing.T, in language) any {
	t.Helper()
	text, err := encoded(in)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func compare(t *testing.T, path string, english, chinese any) {
	t.Helper()
	switch e := english.(type) {
	case map[string]any:
		c, _ := chinese.(map[string]any)
		if len(e) != len(c) {
			t.Errorf("%s: want the keys of %v, have %v", path, e, c)
		}
		for key := range e {
			compare(t, path+"/"+key, e[key], c[key])
		}
	case []any:
		c, _ := chinese.([]any)
		for i := range max(len(e), len(c)) {
			switch {
			case i < min(len(e), len(c)):
				compare(t, fmt.Sprint(path, "/", i), e[i], c[i])
			case i >= len(c) || !slices.Contains(onlyChinese, c[i].(map[string]any)["id"]):
				t.Errorf("%s: want %v, have %v", path, e, c)
			}
		}
	default:
		checkTexts(t, path, english, chinese)
	}
}

func checkTexts(t *testing.T, path string, english, chinese any) {
	t.Helper()
	switch {
	case aName.MatchString(path):
	case !aText.MatchString(path):
		if !reflect.DeepEqual(english, chinese) {
			t.Errorf("%s: want %v in both languages, have %v", path, english, chinese)
		}
	case path == "/uid":
		if english == chinese {
			t.Errorf("want a uid for each language, have %v", chinese)
		}
	default:
		e, c := template.ReplaceAllString(english.(string), ""), template.ReplaceAllString(chinese.(string), "")
		same := e == c && (international.MatchString(e) || !letters.MatchString(e))
		if han.MatchString(e) || !same && !han.MatchString(c) {
			t.Errorf("%s: want English and Chinese, have %q and %q", path, e, c)
		}
	}
}

// Each override by name finds the series or the column of that name: both are
// translated.
func TestOverridesFindTheirFields(t *testing.T) {
	inEachLanguage(t, func(t *testing.T, in language) {
		found := 0
		for _, each := range shipped(t, in).Panels {
			if each.Panel == nil || each.Panel.FieldConfig == nil {
				continue
			}
			names := fields(each.Panel)
			for _, override := range each.Panel.FieldConfig.Overrides {
				if override.Matcher.Id != "byName" || slices.ContainsFunc(names, template.MatchString) {
					continue // the name is the value of a label
				}
				found++
				if !slices.Contains(names, override.Matcher.Options.(string)) {
					t.Errorf("%s: want one of %q, have an override of %v", *each.Panel.Title, names, override.Matcher.Options)
				}
			}
		}
		if want := 20; found < want {
			t.Errorf("want %d overrides at least, have %d", want, found)
		}
	})
}

// fields returns the names of a panel's series or columns.
func fields(panel *dashboard.Panel) []string {
	var names []string
	for _, target := range panel.Targets {
		names = append(names, *target.(*prometheus.Dataquery).LegendFormat)
	}
	for _, transformation := range panel.Transformations {
		options, _ := transformation.Options.(map[string]any)
		titles, _ := options["renameByName"].(map[string]any)
		for _, title := range titles {
			names = append(names, title.(string))
		}
	}
	return names
}
