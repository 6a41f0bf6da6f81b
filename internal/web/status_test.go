package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/web"
	"datahub_exporter/source"
)

func TestPageShowsIncident(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	_, page := r.get(t, "/")
	if diff := cmp.Diff([]string{"resource-1", "task-1", "task-2"}, rows(page)); diff != "" {
		t.Errorf("rows (-want +have):\n%s", diff)
	}
	for _, want := range []string{
		"<title>(1) CKafka connectors</title>", "abnormal", "Connection to 10.0.0.1:3306 refused", "connection refused",
		"&lt;script&gt;alert(1)&lt;/script&gt;", `<a href="./?q=resource-1">Tasks: 1</a>`, "(version=1.2.3)", `<a href="metrics">/metrics</a>`,
		`<a href="docs/failure.md">`, "all regions up, oldest answer",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("want %s in the page", want)
		}
	}
	for _, not := range []string{"<script>alert", "运行中", "· prod"} {
		if strings.Contains(page, not) {
			t.Errorf("want no %s in the page", not)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

func TestPageShowsOutage(t *testing.T) {
	r := newRig(t, 0, "prod", "test")
	r.incident()
	r.warm(t)
	r.cloud.Always("", "", cloudsim.Error("AuthFailure.SecretIdNotFound", "no such <b>key</b>"))
	r.warm(t)
	_, page := r.get(t, "/")
	for _, want := range []string{
		"The API refuses the credential", "<code>AuthFailure.SecretIdNotFound</code>", "no such &lt;b&gt;key&lt;/b&gt;", "check secret_id",
		"ap-guangzhou · prod tasks: last success", "ap-guangzhou · test connections: last success", "showing data from then",
		"4 of 4 refreshes failed", "Connection to 10.0.0.1:3306 refused",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("want %s in the page", want)
		}
	}
	if have := strings.Count(page, "AuthFailure.SecretIdNotFound"); have != 2 {
		t.Errorf("want the failure shown once for each account, have it %d times", have)
	}
	if t.Failed() {
		t.Log(page)
	}
}

// hangingSources never end a refresh.
type hangingSources struct{}

func (hangingSources) Refresh(ctx context.Context, _ time.Duration) { <-ctx.Done() }

func (hangingSources) Last() []*source.Snapshot {
	return []*source.Snapshot{{Target: source.Target{Account: "prod", Region: region, Action: source.Tasks}}}
}

func (hangingSources) Changes() []source.Change { return nil }

func TestPageBeforeTheFirstResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, recorder := time.Now(), httptest.NewRecorder()
		routes(t, web.Options{Sources: hangingSources{}}).ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		page := recorder.Body.String()
		if !strings.Contains(page, "<title>(?) CKafka connectors</title>") || !strings.Contains(page, "<b>–</b>") || strings.Contains(page, "<b>0</b>") || strings.Contains(page, "0 items") {
			t.Errorf("want no number on the page, have:\n%s", page)
		}
		if !strings.Contains(page, "Not everything is known") || strings.Contains(page, "All known items are running") {
			t.Errorf("want a page that knows nothing, have:\n%s", page)
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("want an answer within some seconds, have it after %v", took)
		}
	})
}

// The title, the icon and the numbers promise nothing that is not known.
func TestPagePromisesNothingUnknown(t *testing.T) {
	const red, green, grey = "c62828", "2e7d32", "757575%3F"
	refuse := func(r *rig, region string) {
		r.cloud.Always("", region, cloudsim.Error("AuthFailure.SecretIdNotFound", "no"))
	}
	for name, test := range map[string]struct {
		staleAfter time.Duration
		breaks     func(t *testing.T, r *rig)
		title      string
		icon       string // its color and text
		failed     string // the number of its chip
	}{
		"nothing has failed":       {time.Hour, func(*testing.T, *rig) {}, "CKafka connectors", green, "0"},
		"one has failed":           {time.Hour, func(_ *testing.T, r *rig) { r.incident() }, "(1) CKafka connectors", red + "1", "1"},
		"a hundred have failed":    {time.Hour, func(_ *testing.T, r *rig) { r.fail(100) }, "(100) CKafka connectors", red + "99&#43;", "100"},
		"nothing was ever known":   {time.Hour, func(_ *testing.T, r *rig) { refuse(r, "") }, "(?) CKafka connectors", grey, "–"},
		"a region was never known": {time.Hour, func(_ *testing.T, r *rig) { refuse(r, shanghai) }, "(?) CKafka connectors", grey, "–"},
		"of one, no status is known": {time.Hour, func(_ *testing.T, r *rig) {
			r.fleet.Set(tasks, region, cloudsim.Item{ID: "task-1", Status: 77})
		}, "(?) CKafka connectors", grey, "0"},
		"one has failed, one is unknown": {time.Hour, func(_ *testing.T, r *rig) {
			r.fleet.Set(tasks, region, cloudsim.Item{ID: "task-1", Status: 77}, cloudsim.Item{ID: "task-2", Status: 9})
		}, "(1?) CKafka connectors", red + "1", "1"},
		"one has failed, of those known":    {time.Hour, func(_ *testing.T, r *rig) { r.incident(); refuse(r, shanghai) }, "(1?) CKafka connectors", grey, "1"},
		"one had failed before all refused": {time.Hour, func(t *testing.T, r *rig) { r.incident(); r.warm(t); refuse(r, "") }, "(1?) CKafka connectors", grey, "1"},
		"all ran before all refused":        {time.Hour, func(t *testing.T, r *rig) { r.warm(t); refuse(r, "") }, "(?) CKafka connectors", grey, "0"},
		"all ran before all became too old": {0, func(t *testing.T, r *rig) { r.warm(t); refuse(r, "") }, "(?) CKafka connectors", grey, "–"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRigIn(t, []string{region, shanghai}, source.Options{Timeout: time.Hour, StaleAfter: test.staleAfter}, "prod")
			test.breaks(t, r)
			r.warm(t)
			_, page := r.get(t, "/")
			shown := func(pattern string) string {
				if match := regexp.MustCompile(pattern).FindStringSubmatch(page); match != nil {
					return strings.Join(match[1:], "")
				}
				return "nothing"
			}
			have := []string{
				shown(`<title>(.*)</title>`), shown(`rel="icon".*fill=%27%23([0-9a-f]{6})%27%2F.*%3E(.*)%3C%2Ftext`), shown(`id="chip-failed".*<b>(.*)</b>`),
			}
			if well := strings.Contains(page, `<p class="empty running">All known items are running.`); well != (test.icon == green) {
				t.Errorf("all is well: have %t", well)
			}
			if diff := cmp.Diff([]string{test.title, test.icon, test.failed}, have); diff != "" {
				t.Errorf("(-want +have):\n%s\n%s", diff, page)
			}
		})
	}
}

func TestFilterOfThePage(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	for query, want := range map[string][]string{
		"":                         {"resource-1", "task-1", "task-2"},
		"?state=failed":            {"resource-1"},
		"?state=not-running":       {"resource-1", "task-1"},
		"?state=running":           {"task-2"},
		"?q=resource-1":            {"resource-1", "task-1"},
		"?q=resource-1&state=bad":  nil,
		"?q=ALERT&state=paused":    {"task-1"},
		"?q=%3Cscript%3E":          {"task-1"},
		"?q=%22%3E%3Cscript%3Eno(": nil,
	} {
		t.Run(query, func(t *testing.T) {
			_, page := r.get(t, "/"+query)
			if diff := cmp.Diff(want, rows(page)); diff != "" {
				t.Errorf("rows (-want +have):\n%s", diff)
			}
			if strings.Contains(page, "<script>no(") {
				t.Error("the filter is in the page unescaped")
			}
			if want == nil && !strings.Contains(page, "No items match the filter.") {
				t.Error("want the page to say that nothing matches")
			}
		})
	}
}

var chip = regexp.MustCompile(`id="chip-([^"]*)"[^>]*?( aria-current="true")?><b>([^<]*)</b> ([^<]*)<`)

// The chips count what the search finds, whatever state is chosen, and show any state that
// is chosen.
func TestChips(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	for query, want := range map[string][]string{
		"":                           {"1 Failed", "0 Unknown", "1 Paused", "0 Changing", "1 Running"},
		"?q=resource-1":              {"1 Failed", "0 Unknown", "1 Paused", "0 Changing", "0 Running"},
		"?q=resource-1&state=paused": {"1 Failed", "0 Unknown", "[1 Paused]", "0 Changing", "0 Running"},
		"?state=not-running":         {"1 Failed", "0 Unknown", "1 Paused", "0 Changing", "1 Running", "[2 Not running]"},
		"?state=abnormal":            {"1 Failed", "0 Unknown", "1 Paused", "0 Changing", "1 Running", "[1 abnormal]"},
	} {
		_, page := r.get(t, "/"+query)
		var have []string
		for _, match := range chip.FindAllStringSubmatch(page, -1) {
			text := match[3] + " " + match[4]
			if match[2] != "" {
				text = "[" + text + "]"
			}
			have = append(have, text)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-want +have):\n%s", query, diff)
		}
	}
}

// A failed connection stands for the tasks that it explains, as far as it is shown itself;
// a search finds each of them.
func TestTasksBehindAFailedConnection(t *testing.T) {
	const refused = "Connection to 10.0.0.1:3306 refused"
	r := newRig(t, time.Hour, "prod")
	r.fleet.Set(connections, region,
		cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 7, Type: "MYSQL", ErrorMessage: refused},
		cloudsim.Item{ID: "resource-2", Name: "users-mysql", Status: 5, Type: "MYSQL"},
		cloudsim.Item{ID: "resource-3", Name: "stock-mysql", Status: 7, Type: "MYSQL", ErrorMessage: "内部错误"})
	behind := func(id, resource string, status int64, message string) cloudsim.Item {
		return cloudsim.Item{ID: id, Status: status, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: resource, ErrorMessage: message}
	}
	items := []cloudsim.Item{
		behind("runs", "resource-1", 1, "运行中"), behind("other-reason", "resource-1", 9, "Access denied for user 'a'@'b'"),
		behind("paused", "resource-1", 6, ""), behind("unknown", "resource-1", 77, ""), behind("other-connection", "resource-2", 9, refused),
		behind("no-reason-known", "resource-3", 9, "java.lang.NullPointerException"),
	}
	all := []string{"resource-1", "other-reason"}
	for i := range 11 {
		id := fmt.Sprintf("same-reason-%02d", i)
		items, all = append(items, behind(id, "resource-1", 9, refused)), append(all, id)
	}
	r.fleet.Set(tasks, region, items...)
	r.warm(t)
	own := []string{"resource-1", "resource-3", "no-reason-known", "other-connection", "other-reason", "unknown", "paused", "resource-2", "runs"}
	for query, want := range map[string]struct {
		rows  []string
		texts []string
	}{
		"?lang=en":         {own, []string{"19, 11 of them behind a failed connection", " · …</p>", `href="./?lang=en&amp;q=resource-1">Tasks: 15</a>`}},
		"?lang=zh-CN":      {own, []string{"19 个，其中 11 个"}},
		"?state=failed":    {own[:5], []string{"16, 11 of them behind a failed connection"}},
		"?state=paused":    {[]string{"paused"}, nil},
		"?q=same-reason-0": {all[2:12], nil},
	} {
		_, page := r.get(t, "/"+query)
		if diff := cmp.Diff(want.rows, rows(page)); diff != "" {
			t.Errorf("%s: rows (-want +have):\n%s", query, diff)
		}
		for _, text := range want.texts {
			if !strings.Contains(page, text) {
				t.Errorf("%s: want %s in\n%s", query, text, page)
			}
		}
	}
}

// A task that failed long before its connection has another cause.
func TestTaskThatFailedBeforeItsConnection(t *testing.T) {
	const refused = "Connection to 10.0.0.1:3306 refused"
	for before, want := range map[time.Duration][]string{5 * time.Minute: {"resource-1"}, 30 * time.Minute: {"resource-1", "task-1"}} {
		r := newRig(t, time.Second, "prod")
		set := func(task, connection int64) {
			r.fleet.Set(tasks, region, cloudsim.Item{ID: "task-1", Status: task, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC", Resource: "resource-1", ErrorMessage: refused})
			r.fleet.Set(connections, region, cloudsim.Item{ID: "resource-1", Status: connection, Type: "MYSQL", ErrorMessage: refused})
			r.warm(t)
		}
		set(1, 1)
		r.wait(time.Minute)
		set(9, 1)
		r.wait(before)
		set(9, 7)
		_, page := r.get(t, "/", "Cache-Control", "max-age=3600")
		if diff := cmp.Diff(want, rows(page)); diff != "" {
			t.Errorf("%v before (-want +have):\n%s", before, diff)
		}
	}
}

// In each condition, what came into its state last is first, and what was in it before the
// start last.
func TestNewestFirst(t *testing.T) {
	r := newRig(t, time.Second, "prod")
	status := map[string]int64{"task-1": 9, "task-2": 1, "task-3": 1, "task-4": 1, "task-5": 6}
	set := func() {
		var items []cloudsim.Item
		for id, code := range status {
			items = append(items, cloudsim.Item{ID: id, Status: code})
		}
		r.fleet.Set(tasks, region, items...)
		r.wait(time.Minute)
		r.warm(t)
	}
	set()
	for _, id := range []string{"task-2", "task-4", "task-3"} {
		status[id] = 9
		set()
	}
	status["task-5"] = 7
	status["task-2"] = 6
	set()
	_, page := r.get(t, "/", "Cache-Control", "max-age=3600")
	if diff := cmp.Diff([]string{"task-5", "task-3", "task-4", "task-1", "task-2"}, rows(page)); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// What to do is shown at once only for the first of a reason.
func TestRemediesOnThePage(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	var items []cloudsim.Item
	for i, message := range []string{"Access denied for user 'a'@'b'", "connect timed out", "Access denied for user 'c'@'d'", ""} {
		items = append(items, cloudsim.Item{ID: fmt.Sprintf("task-%d", i), Status: 9, ErrorMessage: message})
	}
	r.fleet.Set(tasks, region, items...)
	r.warm(t)
	_, page := r.get(t, "/")
	have := map[string]string{}
	for _, match := range regexp.MustCompile(`(?s)<tr role="row" data-key="[^"]*/([^"/]+)">.*?</tr>`).FindAllStringSubmatch(page, -1) {
		have[match[1]] = regexp.MustCompile(`<details[^>]*>`).FindString(match[0])
	}
	want := map[string]string{"task-0": "<details open>", "task-1": "<details open>", "task-2": "<details>", "task-3": ""}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s\n%s", diff, page)
	}
}

func TestLanguageOfThePage(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	tests := map[string]struct{ query, accept, want string }{
		"no preference":           {"", "", "en"},
		"Chinese":                 {"", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
		"Chinese of Hong Kong":    {"", "zh-HK", "zh-CN"},
		"English before Chinese":  {"", "en-GB,zh;q=0.5", "en"},
		"neither":                 {"", "fr", "en"},
		"Chinese by the address":  {"?lang=zh-CN", "en", "zh-CN"},
		"English by the address":  {"?lang=en", "zh", "en"},
		"nonsense by the address": {"?lang=%22%3E", "zh", "zh-CN"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response, page := r.get(t, "/"+test.query, "Accept-Language", test.accept)
			if !strings.Contains(page, fmt.Sprintf("<html lang=%q>", test.want)) || response.Header.Get("Content-Language") != test.want {
				t.Errorf("want %s, have %s and:\n%.100s", test.want, response.Header.Get("Content-Language"), page)
			}
			if chinese := strings.Contains(page, "已暂停"); chinese != (test.want == "zh-CN") {
				t.Errorf("want Chinese words only on the Chinese page, have %t", chinese)
			}
		})
	}
	_, page := r.get(t, "/?lang=zh-CN&q=task")
	for _, want := range []string{`href="./?lang=zh-CN&amp;q=task&amp;state=failed"`, `name="lang" value="zh-CN"`, `href="./?lang=en&amp;q=task"`} {
		if !strings.Contains(page, want) {
			t.Errorf("want %s in the page", want)
		}
	}
}

// An open page uses what others asked for; opening it counts as a scrape.
func TestStatusCallsTheAPINoMoreThanAScraper(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	calls := func() int { return len(r.cloud.Calls("", "")) }
	for range 5 {
		r.get(t, "/")
		r.get(t, "/api/v1/ckafka/status")
	}
	if have := calls(); have != 2 {
		t.Errorf("within the least interval: want 2 calls, have %d", have)
	}
	r = newRig(t, 0, "prod")
	r.incident()
	r.warm(t)
	r.get(t, "/", "Cache-Control", "max-age=3600")
	r.get(t, "/api/v1/ckafka/status", "Cache-Control", "no-transform, max-age=3600")
	if have := calls(); have != 2 {
		t.Errorf("with an age that will do: want no more than 2 calls, have %d", have)
	}
	r.get(t, "/", "Cache-Control", "max-age=0")
	r.get(t, "/api/v1/ckafka/status", "Cache-Control", "max-age=soon")
	deadline := time.Now().Add(time.Minute)
	for calls() < 4 && time.Now().Before(deadline) { // the page may not have waited for its refresh
		time.Sleep(10 * time.Millisecond)
	}
	if have := calls(); have < 4 {
		t.Errorf("with a reload: want the API asked again, have %d calls in all", have)
	}
}

func TestLongPagesAreCut(t *testing.T) {
	r := newRig(t, time.Second, "prod")
	var items []cloudsim.Item
	for i := range 700 {
		items = append(items, cloudsim.Item{
			ID: fmt.Sprintf("task-%04d", i), Name: strings.Repeat("名", 60), Type: "SOURCE", Source: "MYSQL", Target: "TOPIC",
			Status: int64(9 - i%2*8), ErrorMessage: strings.Repeat("Access denied for user 'a'@'b' ", 20),
		})
	}
	r.fleet.Set(tasks, region, items...)
	r.warm(t)
	for i := range items {
		items[i].Status = 10 - items[i].Status
	}
	r.fleet.Set(tasks, region, items...)
	r.wait(time.Minute)
	r.warm(t)
	_, page := r.get(t, "/")
	if have := len(rows(page)); have != 350 {
		t.Errorf("want 350 rows, have %d", have)
	}
	if len(page) > 1<<20 {
		t.Errorf("want less than a megabyte, have %d bytes", len(page))
	}
	for _, want := range []string{"The first 250 of 350 are shown.", "The first 100 of 350 are shown.", "The first 10 of 200 are shown."} {
		if !strings.Contains(page, want) {
			t.Errorf("want %q in the page", want)
		}
	}
	_, page = r.get(t, "/?q=task-0698")
	if diff := cmp.Diff([]string{"task-0698"}, rows(page)); diff != "" {
		t.Errorf("an item that is not shown is found (-want +have):\n%s", diff)
	}
}

func TestStatusAsJSON(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	response, body := r.get(t, "/api/v1/ckafka/status")
	var document web.Document
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(web.Summary{Failed: 1, Paused: 1, Running: 1}, document.Summary); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if have := response.Header.Get("Content-Type"); have != "application/json" {
		t.Errorf("content type: want application/json, have %s", have)
	}
}

func TestHeadersOfThePage(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.incident()
	r.warm(t)
	_, page := r.get(t, "/")
	paths := map[string]string{"/": "text/html; charset=utf-8", "/api/v1/ckafka/status": "application/json", "/docs/status.md": "text/plain; charset=utf-8"}
	for _, match := range regexp.MustCompile(`(?:href|src)="(page/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		paths["/"+match[1]] = map[bool]string{true: "text/css; charset=utf-8", false: "text/javascript; charset=utf-8"}[strings.Contains(match[1], "css")]
	}
	if len(paths) != 5 {
		t.Errorf("want a style sheet and a script in the page, have %v", paths)
	}
	for path, want := range paths {
		response, _ := r.get(t, path)
		have := []string{strconv.Itoa(response.StatusCode)}
		for _, name := range []string{"Content-Type", "X-Content-Type-Options", "Referrer-Policy"} {
			have = append(have, response.Header.Get(name))
		}
		if diff := cmp.Diff([]string{"200", want, "nosniff", "no-referrer"}, have); diff != "" {
			t.Errorf("%s (-want +have):\n%s", path, diff)
		}
		if policy := response.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy is %q", path, policy)
		}
	}
}

// The page says how many items a listing lacks.
func TestPageSaysThatAListingIsIncomplete(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	r.fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Status: 1})
	r.cloud.Always(cloudsim.DescribeDatahubTasks, "", cloudsim.TotalCount(250))
	r.warm(t)
	for language, want := range map[string]string{"en": "1 of 250 listed", "zh-CN": "接口报告 250 个，只列出 1 个"} {
		if _, page := r.get(t, "/?lang="+language); !strings.Contains(page, want) {
			t.Errorf("%s: want %q in:\n%s", language, want, page)
		}
	}
}
