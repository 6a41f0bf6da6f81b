package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const recommendedRules = "deploy/prometheus/rules-recommended.yml"

// recommendedAlerts are the rules of the recommended file that are alerts.
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

// Whoever is woken finds the section that the alert names, and no section is about
// an alert that is no more.
func TestEachAlertHasItsRunbook(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(shipped(t, "docs/operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, runbook, found := strings.Cut(string(content), "\n## Runbook\n")
	if !found {
		t.Fatal("docs/operations.md has no section Runbook")
	}
	var want, have []string
	for _, alert := range recommendedAlerts(t) {
		name := alert["alert"].(string)
		want = append(want, name)
		link := "docs/operations.md#" + strings.ToLower(name)
		if annotations := alert["annotations"].(document); annotations["runbook"] != link {
			t.Errorf("%s: want the runbook %s, have %v", name, link, annotations["runbook"])
		}
	}
	for line := range strings.Lines(runbook) {
		if heading, is := strings.CutPrefix(strings.TrimSpace(line), "### "); is {
			have = append(have, heading)
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("sections of the runbook (-want +have):\n%s", diff)
	}
}

// An alert without a severity, a summary or a remedy wakes nobody, or in vain.
func TestEachAlertSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, alert := range recommendedAlerts(t) {
		severity := alert["labels"].(document)["severity"].(string)
		if !slices.Contains([]string{"critical", "warning", "none"}, severity) {
			t.Errorf("%s: severity %q has no route", alert["alert"], severity)
		}
		annotations := alert["annotations"].(document)
		for _, key := range []string{"summary", "action"} {
			text, _ := annotations[key].(string)
			if !strings.Contains(text, " · ") && (severity != "none" || key == "summary") {
				t.Errorf("%s: want an annotation %s in English · 中文, have %q", alert["alert"], key, text)
			}
		}
	}
}
