package e2e

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const recommendedRules = "deploy/prometheus/rules-recommended.yml"

// recommendedAlerts returns the alerts in the recommended rules.
func recommendedAlerts(t testing.TB) (alerts []document) {
	t.Helper()
	for _, group := range readYAML(t, recommendedRules)["groups"].([]any) {
		for _, rule := range group.(document)["rules"].([]any) {
			if rule := rule.(document); rule["alert"] != nil {
				alerts = append(alerts, rule)
			}
		}
	}
	return alerts
}

// The runbook section that an alert names exists in both languages, and no section
// is about an alert that no longer exists.
func TestEachAlertHasItsRunbook(t *testing.T) {
	t.Parallel()
	var want []string
	for _, alert := range recommendedAlerts(t) {
		name := alert["alert"].(string)
		want = append(want, name)
		link := "docs/operations.md#" + strings.ToLower(name)
		if annotations := alert["annotations"].(document); annotations["runbook"] != link {
			t.Errorf("%s: want the runbook %s, have %v", name, link, annotations["runbook"])
		}
	}
	slices.Sort(want)
	for path, chapter := range map[string]string{"docs/operations.md": "## Runbook", "docs/zh-CN/operations.md": "## 处理手册"} {
		var have []string
		for line := range strings.Lines(chapterOf(t, path, chapter)) {
			if heading, is := strings.CutPrefix(strings.TrimSpace(line), "### "); is {
				have = append(have, heading)
			}
		}
		slices.Sort(have)
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s: sections of the runbook (-want +have):\n%s", path, diff)
		}
	}
}

// Each alert in the other two files, whose annotations are the documented ones, has
// a row.
func TestEachDocumentedAlertHasItsRow(t *testing.T) {
	t.Parallel()
	var want []string
	for _, file := range []string{"deploy/prometheus/rules.yml", "deploy/prometheus/rules-collector.yml"} {
		for _, group := range readYAML(t, file)["groups"].([]any) {
			for _, rule := range group.(document)["rules"].([]any) {
				want = append(want, rule.(document)["alert"].(string))
			}
		}
	}
	slices.Sort(want)
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")
	for path, chapter := range map[string]string{"docs/operations.md": "## The alerts of rules.yml", "docs/zh-CN/operations.md": "## rules.yml 的告警"} {
		var have []string
		text, _, _ := strings.Cut(chapterOf(t, path, chapter), "\n## ")
		for _, match := range row.FindAllStringSubmatch(text, -1) {
			have = append(have, match[1])
		}
		slices.Sort(have)
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-want +have):\n%s", path, diff)
		}
	}
}

// chapterOf returns the text after a heading.
func chapterOf(t testing.TB, path, heading string) string {
	t.Helper()
	content, err := os.ReadFile(shipped(t, path))
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, found := strings.Cut(string(content), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", path, heading)
	}
	return chapter
}

// Each alert has a severity, a summary and a remedy: without them it wakes nobody,
// or for nothing.
func TestEachAlertSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, alert := range recommendedAlerts(t) {
		severity := alert["labels"].(document)["severity"].(string)
		if !slices.Contains([]string{"critical", "warning", "info", "none"}, severity) {
			t.Errorf("%s: severity %q has no route", alert["alert"], severity)
		}
		annotations := alert["annotations"].(document)
		for _, key := range []string{"summary", "action"} {
			text, _ := annotations[key].(string)
			if !strings.Contains(text, " · ") && (severity != "none" || key == "summary") {
				t.Errorf("%s: want an annotation %s in English · 中文, have %q", alert["alert"], key, text)
			}
		}
		// Some tools show nothing but the description: the Chinese half, and where.
		description, _ := annotations["description"].(string)
		action, _ := annotations["action"].(string)
		_, chinese, _ := strings.Cut(action, " · ")
		remedied := strings.HasSuffix(description, "处理："+chinese) || strings.Contains(action, "if eq $reason") && strings.Contains(description, "if eq $reason")
		if where := strings.HasPrefix(description, "名称：") || strings.HasPrefix(description, "地域：") ||
			strings.HasPrefix(description, "实例：") || alert["alert"] == "CKafkaSeriesAbsent"; !where || severity != "none" && !remedied {
			t.Errorf("%s: want a description that says where, what and the Chinese remedy, have %q", alert["alert"], description)
		}
	}
}

// A name in any script has a team, if it has a first part.
func TestTeams(t *testing.T) {
	t.Parallel()
	for _, file := range []string{scrapeAsRecommended, scrapeByDiscovery} {
		relabel := readYAML(t, file)["alerting"].(document)["alert_relabel_configs"].([]any)[0].(document)
		pattern := regexp.MustCompile("^(?:" + relabel["regex"].(string) + ")$") // as Prometheus anchors it
		for name, want := range map[string]string{
			"orders-cdc-to-kafka": "orders", "Orders_cdc": "Orders", "订单-cdc": "订单", "风控特征入库 risk-features": "风控特征入库", "用户画像同步": "", "": "",
		} {
			have := ""
			if match := pattern.FindStringSubmatch(name); match != nil {
				have = match[1]
			}
			if have != want {
				t.Errorf("%s: want the team %q of %q, have %q", file, want, name, have)
			}
		}
	}
}
