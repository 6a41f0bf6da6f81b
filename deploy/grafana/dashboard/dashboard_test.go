package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// gridWidth is the number of columns of Grafana's grid.
const gridWidth = 24

// inEachLanguage runs a test for the dashboard in each language.
func inEachLanguage(t *testing.T, test func(t *testing.T, in language)) {
	t.Helper()
	for _, in := range languages() {
		t.Run(string(in), func(t *testing.T) { test(t, in) })
	}
}

// shipped returns the dashboard in the shipped file. It decodes strictly: an
// unknown field is an error, also in panel options and queries.
func shipped(t *testing.T, in language) dashboard.Dashboard {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", in.file()))
	if err != nil {
		t.Fatal(err)
	}
	plugins.RegisterDefaultPlugins()
	var read dashboard.Dashboard
	if err := read.UnmarshalJSONStrict(content); err != nil {
		t.Fatalf("read the shipped dashboard: %v", err)
	}
	if err := read.Validate(); err != nil {
		t.Errorf("validate the shipped dashboard: %v", err)
	}
	return read
}

func TestFileIsWhatTheProgramMakes(t *testing.T) {
	inEachLanguage(t, func(t *testing.T, in language) {
		want, err := encoded(in)
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Join("..", in.file()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, have) {
			t.Error("the shipped file is not what the program makes: make dashboard")
		}
	})
}

func TestPanelsAreComplete(t *testing.T) { inEachLanguage(t, checkPanels) }

func checkPanels(t *testing.T, in language) {
	ids := map[uint32]bool{}
	for _, each := range shipped(t, in).Panels {
		if each.RowPanel != nil {
			ids[each.RowPanel.Id] = true
			continue
		}
		panel := each.Panel
		if ids[*panel.Id] {
			t.Errorf("%s: another panel has the id %d", *panel.Title, *panel.Id)
		}
		ids[*panel.Id] = true
		if *panel.Title == "" || *panel.Description == "" || len(panel.Targets) == 0 {
			t.Errorf("%q: want a title, a description and a query", *panel.Title)
		}
		checkDatasource(t, *panel.Title, panel.Datasource)
		checkTargets(t, panel)
	}
}

func checkTargets(t *testing.T, panel *dashboard.Panel) {
	t.Helper()
	refs := map[string]bool{}
	for _, target := range panel.Targets {
		query, ok := target.(*prometheus.Dataquery)
		if !ok {
			t.Errorf("%s: %T is no query of Prometheus", *panel.Title, target)
			continue
		}
		if refs[*query.RefId] {
			t.Errorf("%s: two queries are called %s", *panel.Title, *query.RefId)
		}
		refs[*query.RefId] = true
		checkDatasource(t, *panel.Title, query.Datasource)
		if *query.Interval != minStep {
			t.Errorf("%s: want the interval %s, have %s", *panel.Title, minStep, *query.Interval)
		}
	}
}

func checkDatasource(t *testing.T, title string, have *common.DataSourceRef) {
	t.Helper()
	if have == nil || *have.Type != "prometheus" || *have.Uid != "${datasource}" {
		t.Errorf("%s: want the datasource that the reader chose, have %+v", title, have)
	}
}

// Each line of panels starts at the left edge, ends at the right edge and has a
// single height; no line overlaps the previous one.
func TestPanelsFillTheGrid(t *testing.T) { inEachLanguage(t, checkGrid) }

func checkGrid(t *testing.T, in language) {
	var x, bottom, height uint32
	for _, each := range shipped(t, in).Panels {
		if each.RowPanel != nil {
			if x != 0 || each.RowPanel.GridPos.Y != bottom {
				t.Errorf("row %s: want it at 0, %d, have it at %d, %d", *each.RowPanel.Title, bottom, x, each.RowPanel.GridPos.Y)
			}
			bottom++
			continue
		}
		at := each.Panel.GridPos
		if x == 0 {
			height = at.H
		}
		if at.X != x || at.Y != bottom || at.H != height {
			t.Errorf("%s: want it at %d, %d with the height %d, have %+v", *each.Panel.Title, x, bottom, height, *at)
		}
		if x += at.W; x >= gridWidth {
			if x > gridWidth {
				t.Errorf("%s reaches beyond the grid", *each.Panel.Title)
			}
			x, bottom = 0, bottom+height
		}
	}
	if x != 0 {
		t.Errorf("the last line ends at %d", x)
	}
}
