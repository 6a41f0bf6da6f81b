package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// A name that is a script, and a description that injects one in another way.
const (
	scriptName        = "<script>alert(1)</script>"
	scriptDescription = `"><img src=x onerror=alert(1)>`
)

// names returns the visible names of the items on the page, in order, without text
// for screen readers only.
const names = `[...document.querySelectorAll("tbody .name, .runs .name")].map(name => name.textContent).join()`

// pageFleet returns a fleet with an item in each condition.
func pageFleet(t testing.TB) *cloud {
	t.Helper()
	c := startCloud(t,
		cloudsim.Item{
			ID: "task-1", Name: scriptName, Status: 9, Type: "SOURCE", Source: "POSTGRESQL", Target: "TOPIC", Resource: "resource-2",
			ErrorMessage: "connection refused", Fields: map[string]any{"Description": scriptDescription, "WarnMessage": "slot is inactive"},
		},
		cloudsim.Item{ID: "task-2", Name: "paused", Status: 6, Type: "SINK", Source: "TOPIC", Target: "COS"},
		cloudsim.Item{ID: "task-3", Name: "new", Status: 0, Type: "SINK", Source: "TOPIC", Target: "MYSQL", Resource: "resource-1"},
		cloudsim.Item{ID: "task-4", Name: "odd", Status: 77},
		cloudsim.Item{ID: "task-5", Name: "runs", Status: 1, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-1"},
	)
	c.fleet.Set(cloudsim.DescribeConnectResources, region,
		cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL"},
		cloudsim.Item{ID: "resource-2", Name: "users-postgresql", Status: 7, Type: "POSTGRESQL", ErrorMessage: "Connection to 10.0.0.1:5432 refused"},
	)
	return c
}

// startPage starts an exporter and makes it call the cloud once.
func startPage(t testing.TB, c *cloud, args ...string) *exporter {
	t.Helper()
	e := startExporter(t, c, append([]string{"--ckafka.min-interval=0s"}, args...)...)
	scrapeAll(t, e)
	return e
}

// scrapeAll scrapes both paths, as Prometheus does, so that the exporter calls the
// cloud.
func scrapeAll(t testing.TB, e *exporter) {
	t.Helper()
	for path := range jobs() {
		if _, err := fetch(t.Context(), "http://"+e.address+path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPage(t *testing.T) {
	chromium := startBrowser(t)
	c := pageFleet(t)
	e := startPage(t, c)
	all := strings.Join([]string{"users-postgresql", "odd", "paused", "new", "orders-mysql", "runs"}, ",")

	t.Run("shows what is", func(t *testing.T) {
		tab := chromium.open(t, e, "/", looks{})
		becomes(t, tab, names, all)
		becomes(t, tab, `document.title`, "(2?) CKafka connectors")
		becomes(t, tab, `document.querySelector("[data-key$='resource-2']").textContent.includes('`+scriptName+`')`, true)
	})
	t.Run("shows the text of others as text", func(t *testing.T) {
		tab := chromium.open(t, e, "/?q=task-1", looks{})
		becomes(t, tab, names, scriptName)
		becomes(t, tab, `document.querySelector("[data-key$='task-1'] .says").textContent.includes('`+scriptDescription+`')`, true)
	})
	t.Run("filters without a reload, in the address", func(t *testing.T) {
		tab := chromium.open(t, e, "/", looks{})
		tab.run(t, chromedp.Evaluate("window.stays = true", nil))
		tab.run(t, chromedp.SendKeys("#q", "postgres"))
		becomes(t, tab, names, "users-postgresql,"+scriptName)
		becomes(t, tab, `location.search`, "?q=postgres")
		becomes(t, tab, `document.querySelector("[role=status]").textContent`, "2 of 7 items")
		tab.run(t, chromedp.Click("#chip-paused"))
		becomes(t, tab, names, "")
		becomes(t, tab, `location.search`, "?q=postgres&state=paused")
		becomes(t, tab, `document.getElementById("state").value`, "paused")
		tab.run(t, chromedp.Click("#clear"))
		becomes(t, tab, names, all)
		becomes(t, tab, `window.stays`, true)
	})
	t.Run("a link shows the same to a colleague", func(t *testing.T) {
		tab := chromium.open(t, e, "/?q=resource-1&state=not-running", looks{})
		becomes(t, tab, names, "new")
		becomes(t, tab, `document.getElementById("q").value+document.getElementById("state").value`, "resource-1not-running")
	})
	t.Run("works without its script", func(t *testing.T) {
		tab := chromium.open(t, e, "/?lang=zh-CN", looks{noScript: true})
		tab.run(t, chromedp.SendKeys("#q", "postgres"+kb.Enter))
		tab.run(t, chromedp.WaitVisible("#clear"))
		var found []string
		tab.run(t, chromedp.Evaluate(`[...document.querySelectorAll("tbody .name")].map(name => name.textContent)`, &found))
		if diff := cmp.Diff([]string{"users-postgresql", scriptName}, found); diff != "" {
			t.Errorf("(-want +have):\n%s", diff)
		}
		becomes(t, tab, `document.documentElement.lang`, "zh-CN")
	})
	t.Run("speaks both languages", func(t *testing.T) {
		tab := chromium.open(t, e, "/?state=paused", looks{language: "zh-CN"})
		becomes(t, tab, `document.querySelector("h1").textContent`, "CKafka 连接器")
		becomes(t, tab, `document.documentElement.lang`, "zh-CN")
		tab.run(t, chromedp.Click("#language"))
		becomes(t, tab, `document.querySelector("h1").textContent`, "CKafka connectors")
		becomes(t, tab, `new URLSearchParams(location.search).get("state")`, "paused")
		becomes(t, tab, names, "paused")
	})
	t.Run("leads to its section of the runbook", func(t *testing.T) {
		tab := chromium.open(t, e, "/?state=paused", looks{})
		tab.run(t, chromedp.Click(`.links a[href*="operations.md"]`))
		becomes(t, tab, `location.pathname`, "/docs/operations.md")
		becomes(t, tab, `scrollY > 1000`, true)
	})
	t.Run("the keyboard alone will do", func(t *testing.T) { useKeyboardAlone(t, chromium, e) })
	t.Run("refreshes itself", func(t *testing.T) { refreshItself(t, chromium, c, e) })
}

// useKeyboardAlone goes through the page with Tab and checks that the focus is
// visible.
func useKeyboardAlone(t *testing.T, chromium browser, e *exporter) {
	tab := chromium.open(t, e, "/", looks{})
	tab.press(t, kb.Tab)
	becomes(t, tab, `document.activeElement.className`, "skip")
	becomes(t, tab, `document.activeElement.getBoundingClientRect().left >= 0`, true)
	tab.press(t, kb.Enter)
	becomes(t, tab, `document.activeElement.id`, "not-running")
	tab = chromium.open(t, e, "/", looks{})
	for _, event := range kb.Encode('/') {
		if event.Type == input.KeyDown {
			event.Type = input.KeyRawDown // which keeps the character back if the page has used the key, as a keyboard's does
		}
		tab.run(t, event)
	}
	tab.press(t, "odd")
	becomes(t, tab, names, "odd")
	tab.press(t, kb.Escape)
	becomes(t, tab, `document.activeElement.id + location.search`, "q")
	becomes(t, tab, `/^\d\d:\d\d:\d\d$/.test(document.querySelector("#count time").textContent)`, true)
	tab = chromium.open(t, e, "/", looks{})
	for _, want := range []string{"", "q", "language", "chip-failed"} {
		tab.press(t, kb.Tab)
		becomes(t, tab, `document.activeElement.id`, want)
		if value[string](t, tab, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
			t.Errorf("want to see that %q is focused", want)
		}
		if want == "q" {
			tab.press(t, "refused")
			becomes(t, tab, names, "users-postgresql,"+scriptName)
		}
	}
	tab.press(t, kb.Enter)
	becomes(t, tab, `location.search`, "?q=refused&state=failed")
	becomes(t, tab, `document.activeElement.id+document.activeElement.getAttribute("aria-current")`, "chip-failedtrue")
	tab.press(t, kb.Enter)
	becomes(t, tab, `location.search`, "?q=refused")
}

// refreshItself changes the fleet behind an open page. What the reader did there is
// kept, and the page survives the loss of the exporter.
func refreshItself(t *testing.T, chromium browser, c *cloud, e *exporter) {
	tab := chromium.open(t, e, "/?state=not-running", looks{})
	tab.run(t, chromedp.Evaluate(`{
		document.querySelector("[data-key$='task-2']").mine = true;
		getSelection().selectAllChildren(document.querySelector("[data-key$='resource-2'] .message bdi"));
		document.querySelector("[data-key$='resource-2'] details[open] summary").click();
		document.getElementById("chip-paused").focus();
	}`, nil))
	c.fleet.Set(cloudsim.DescribeDatahubTasks, region,
		cloudsim.Item{ID: "task-5", Name: "runs no more", Status: 6},
		cloudsim.Item{ID: "task-2", Name: "paused", Status: 6},
	)
	scrapeAll(t, e)
	before := len(c.Calls("", ""))
	becomes(t, tab, names, "users-postgresql,runs no more,paused")
	if after := len(c.Calls("", "")); after != before {
		t.Errorf("want the page to take what a scrape has asked for, have %d calls of its own", after-before)
	}
	becomes(t, tab, `document.querySelector("[data-key$='task-2']").mine`, true)
	becomes(t, tab, `document.querySelector("[data-key$='resource-2'] details").open`, false)
	becomes(t, tab, `getSelection().toString()`, "Connection to 10.0.0.1:5432 refused")
	becomes(t, tab, `document.activeElement.id`, "chip-paused")
	const lost = `document.getElementById("lost").textContent.includes("does not respond")`
	tab.run(t, chromedp.Evaluate(`window.was = fetch; window.fetch = async () => new Response("<html><body>Log in");`, nil))
	becomes(t, tab, lost, true)
	tab.run(t, chromedp.Evaluate(`window.fetch = was; 0`, nil))
	becomes(t, tab, lost, false)
	const grey = `document.querySelector("link[rel=icon]").href.includes("757575")`
	becomes(t, tab, `document.title`, "(1) CKafka connectors")
	becomes(t, tab, grey, false)
	e.kill()
	becomes(t, tab, lost, true)
	becomes(t, tab, `document.title`, "(?) CKafka connectors")
	becomes(t, tab, grey, true)
	becomes(t, tab, names, "users-postgresql,runs no more,paused")
	for _, mistake := range tab.forget() {
		if !strings.Contains(mistake, "ERR_CONNECTION_REFUSED") {
			t.Error(mistake)
		}
	}
}

// A page of 2,000 items loads quickly, and one of 20,000 still works.
func TestPageOfLargeFleets(t *testing.T) {
	chromium := startBrowser(t)
	for _, count := range []int{2_000, 20_000} {
		t.Run(strconv.Itoa(count), func(t *testing.T) {
			c := startCloud(t, fleetOf(count)...)
			e := startExporter(t, c, "--ckafka.qps=1000", "--ckafka.timeout=2m", "--ckafka.min-interval=1m")
			for range 2 { // the first scrape may not wait for all items
				scrapeAll(t, e)
			}
			tab := chromium.open(t, e, "/", looks{})
			best := loadTime(t, tab)
			for range 4 {
				tab.run(t, chromedp.Reload())
				if again := loadTime(t, tab); again.LoadEventEnd < best.LoadEventEnd {
					best = again
				}
			}
			t.Logf("%d items, the best of 5: answered after %.0f ms, loaded after %.0f ms, %d bytes", count, best.ResponseEnd, best.LoadEventEnd, best.DecodedBodySize)
			if best.LoadEventEnd > 20_000 || best.DecodedBodySize > 1<<20 {
				t.Errorf("want a page of less than a megabyte, loaded soon, have %+v", best)
			}
			last := fmt.Sprintf("orders-%04d", count-1)
			tab.run(t, chromedp.SendKeys("#q", last))
			becomes(t, tab, names, last)
		})
	}
}

// timing is when the response was complete and when the page had loaded, relative
// to the request.
type timing struct {
	ResponseEnd, LoadEventEnd float64 // milliseconds
	DecodedBodySize           int
}

func loadTime(t *testing.T, tab *tab) timing {
	t.Helper()
	becomes(t, tab, `performance.getEntriesByType("navigation")[0].loadEventEnd > 0`, true)
	return value[timing](t, tab, `performance.getEntriesByType("navigation")[0]`)
}
