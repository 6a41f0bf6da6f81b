package e2e

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

var (
	screenshots = flag.String("screenshots", "", "write what TestPageLooks sees into this folder")
	shownBy     = flag.String("screenshots.of", "", "the host:port of an exporter, such as a demo's, to be looked at; empty is the tests' own")
)

// complaints is a script that returns what is wrong with the look of a page.
//
//go:embed testdata/complaints.js
var complaints string

// The page is readable on a phone and on a wide screen, in light and dark mode, in
// both languages, and for screen readers.
func TestPageLooks(t *testing.T) {
	chromium := startBrowser(t)
	e := &exporter{address: *shownBy}
	if e.address == "" {
		e = startPage(t, pageFleet(t))
	}
	for _, test := range []struct {
		name string
		looks
	}{
		{"light", looks{width: 1400}},
		{"dark", looks{width: 1400, dark: true}},
		{"phone", looks{width: 390}},
		{"phone-dark", looks{width: 390, dark: true, language: "zh-CN"}},
		{"chinese", looks{width: 1400, language: "zh-CN"}},
		{"chinese-phone", looks{width: 390, language: "zh-CN"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tab := chromium.open(t, e, "/", test.looks)
			var found []string
			tab.run(t, chromedp.Evaluate(complaints, &found))
			if diff := cmp.Diff([]string{}, found); diff != "" {
				t.Errorf("complaints (-want +have):\n%s", diff)
			}
			requireNames(t, tab)
			if top := value[float64](t, tab, `document.querySelector("tbody tr").getBoundingClientRect().top`); top > 300 {
				t.Errorf("want the first failure in the first 300 px, have it at %.0f", top)
			}
			if *screenshots != "" {
				takePicture(t, tab, test.name)
			}
		})
	}
}

// The script complains about a page that was made worse.
func TestPageLooksFindsFault(t *testing.T) {
	chromium := startBrowser(t)
	tab := chromium.open(t, startPage(t, pageFleet(t)), "/", looks{})
	tab.run(t, chromedp.Evaluate(`{
		const worse = document.createElement("h4");
		worse.append("pale", document.createElement("select"));
		Object.assign(worse.style, {color: "#bbb", background: "#fff", minWidth: "3000px"});
		worse.id = "q";
		document.querySelector("h1").after(worse);
	}`, nil))
	var found []string
	tab.run(t, chromedp.Evaluate(complaints, &found))
	for _, want := range []string{"contrast 1.92: pale", "px wide", "H4 after H1", "no label", "ID twice: q"} {
		if !slices.ContainsFunc(found, func(complaint string) bool { return strings.Contains(complaint, want) }) {
			t.Errorf("want a complaint about %q, have %q", want, found)
		}
	}
}

// requireNames checks the page as a screen reader sees it: each control has a name,
// and a table is a table in every layout.
func requireNames(t *testing.T, tab *tab) {
	t.Helper()
	var nodes []*accessibility.Node
	tab.run(t, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		nodes, err = accessibility.GetFullAXTree().Do(ctx)
		return err
	}))
	count := map[string]int{}
	for _, node := range nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role := text(node.Role)
		count[role]++
		named := []string{"link", "button", "searchbox", "combobox", "table", "heading", "progressbar", "progressIndicator", "navigation", "region", "columnheader", "rowheader"}
		if slices.Contains(named, role) && text(node.Name) == "" {
			t.Errorf("want a name for each %s, have node %s", role, node.NodeID)
		}
	}
	for _, role := range []string{"link", "searchbox", "table", "row", "cell", "columnheader", "rowheader", "heading", "status", "search", "navigation", "main"} {
		if count[role] == 0 {
			t.Errorf("want a %s on the page, have %v", role, count)
		}
	}
}

func text(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	return string(slices.DeleteFunc([]byte(value.Value), func(b byte) bool { return b == '"' }))
}

// takePicture saves a screenshot of a window of normal height.
func takePicture(t *testing.T, tab *tab, name string) {
	t.Helper()
	var picture []byte
	tab.run(t, chromedp.CaptureScreenshot(&picture))
	path := filepath.Join(*screenshots, fmt.Sprintf("page-%s.png", name))
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
