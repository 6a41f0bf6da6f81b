package e2e

import (
	"strings"
	"testing"
)

// spoilRules changes every rule in a file.
func spoilRules(t testing.TB, path string, spoil func(rule document)) {
	t.Helper()
	rules := parseYAML(t, path)
	for _, group := range rules["groups"].([]any) {
		for _, rule := range group.(document)["rules"].([]any) {
			spoil(rule.(document))
		}
	}
	writeYAML(t, path, rules)
}

// with returns a change of one key of one rule.
func with(alert, key, value string) func(rule document) {
	return func(rule document) {
		if rule["alert"] == alert {
			rule[key] = value
		}
	}
}

// never is an expression that is never true.
const never = "vector(1) < 0"

// spoiled is a night with a rule worse than the shipped one, and part of the
// judge's complaint.
type spoiled struct {
	night string
	spoil func(rule document)
	want  string
}

func worseRules() map[string]spoiled {
	return map[string]spoiled{
		"a pause takes long to fire": {
			"one is paused all night", with("datahub_task_status", "for", "1m"), "task-0001 is broken, and its alert does not fire",
		},
		"no status is no fault": {
			"one has no status", with("datahub_task_status", "expr", "datahub_task_status > 1"), "task-0001 is broken, and its alert does not fire",
		},
		"nothing bridges a gap": {
			"an empty listing for two minutes", with("datahub_task_status", "keep_firing_for", "0s"), "task-0001 is broken",
		},
		"what runs fires": {
			"an impatient reader", with("datahub_task_status", "expr", "datahub_task_status"), "datahub_task_status fires without a cause",
		},
		"what is known is said not to be": {
			"all run", with("connect_resource_down", "expr", "connect_resource_up"), "connect_resource_down fires without a cause",
		},
		"no rule for an outage": {
			"an error for ten minutes, and all run", with("datahub_task_down", "expr", never), "nothing says that no datahub_task is known",
		},
		"no rule for a dead exporter": {
			"one fails while it is dead", with("datahub_exporter_down", "expr", never), "nothing says that no datahub_task is known",
		},
		"no bridge from a listing to a status": {
			"one fails while it is left out", with("datahub_task_listing_incomplete", "keep_firing_for", "0s"), "task-0001 is broken, and nothing says so",
		},
		"no rule for a listing": {
			"the broken one is left out for good", with("datahub_task_listing_incomplete", "expr", never), "nothing says that tasks are not listed",
		},
	}
}

// With each rule made worse in turn, the judge complains about the night that needs
// that rule.
func TestNightsFindFaultWithWorseRules(t *testing.T) {
	t.Parallel()
	for name, c := range worseRules() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story := nights()[c.night]
			story.spoil = c.spoil
			if wrong := story.tell(t); !strings.Contains(strings.Join(wrong, "\n"), c.want) {
				t.Errorf("want %q, have %q", c.want, wrong)
			}
		})
	}
}
