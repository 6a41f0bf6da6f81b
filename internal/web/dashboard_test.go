package web

import (
	"encoding/json"
	"os"
	"testing"

	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// The tables of the Chinese dashboard name states and reasons as the page does.
func TestDashboardHasTheWordsOfThePage(t *testing.T) {
	words := dashboardWords(t, "../../deploy/grafana/datahub_exporter.zh-CN.json")
	for _, kind := range source.Kinds() {
		for code := -2.0; code <= 12; code++ {
			state := kind.State(code)
			if have := words[state.Name]; have != state.Chinese {
				t.Errorf("%s %s: want %s, have %q", kind.Name, state.Name, state.Chinese, have)
			}
		}
	}
	for _, reason := range reason.All() {
		if want, have := chinese().Reasons[reason.Word], words[reason.Word]; have != want {
			t.Errorf("%s: want %s, have %q", reason.Word, want, have)
		}
	}
}

// dashboardWords returns the texts that the columns of a dashboard show for the
// values of labels.
func dashboardWords(t *testing.T, path string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			FieldConfig struct {
				Overrides []struct {
					Properties []struct {
						ID    string
						Value json.RawMessage
					}
				}
			}
		}
	}
	if err := json.Unmarshal(content, &dashboard); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for _, panel := range dashboard.Panels {
		for _, override := range panel.FieldConfig.Overrides {
			for _, property := range override.Properties {
				var mappings []struct {
					Options map[string]struct{ Text string }
				}
				if property.ID != "mappings" {
					continue
				}
				if err := json.Unmarshal(property.Value, &mappings); err != nil {
					t.Fatal(err)
				}
				for value, result := range mappings[0].Options {
					words[value] = result.Text
				}
			}
		}
	}
	return words
}
