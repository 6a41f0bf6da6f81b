package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// addresses are where each part listens.
type addresses struct{ exporter, prometheus, alertmanager, messages string }

// change is a text in a shipped file, and what takes its place in the demo.
type change struct{ shipped, here string }

// configure writes the shipped files into the folder. It changes the addresses and
// the receivers, and shortens what one would wait for.
func configure(folder string, at addresses, words language) error {
	files := []struct {
		name    string
		changes []change
	}{
		{"prometheus/prometheus-recommended.yml", []change{
			{"127.0.0.1:48080", at.exporter},
			{"127.0.0.1:9093", at.alertmanager},
			{"scrape_interval: 1m", "scrape_interval: 10s"},
			{"rule_files:\n", "global:\n  evaluation_interval: 10s\nrule_files:\n"},
		}},
		{"prometheus/rules-recommended.yml", []change{
			{"keep_firing_for: 7m", "keep_firing_for: 30s"},
			{"runbook: docs/", "runbook: http://" + at.exporter + "/docs/"},
		}},
		{"alertmanager/alertmanager.yml", []change{
			{"group_wait: 30s", "group_wait: 5s"},
			{"group_wait: 2m", "group_wait: 5s"},
			{"group_interval: 5m", "group_interval: 10s"},
			{"webhook_configs:\n      - url: http://127.0.0.1:9095/on-call\n", slack("on-call", at, words)},
			{"webhook_configs:\n      - url: http://127.0.0.1:9095/chat\n", slack("chat", at, words)},
		}},
	}
	for _, file := range files {
		if err := derive(folder, file.name, file.changes); err != nil {
			return err
		}
	}
	return os.CopyFS(filepath.Join(folder, "templates"), os.DirFS("deploy/alertmanager/templates"))
}

// slack returns the configuration of a receiver that sends the shipped texts to the
// demo as it would to Slack, with a link to the first item on the status page.
func slack(receiver string, at addresses, words language) string {
	return fmt.Sprintf(`slack_configs:
      - api_url: http://%s/%s
        send_resolved: true
        title: '{{ template %q . }}'
        text: '{{ template %q . }}'
        footer: '%shttp://%s/?q={{ with (index .Alerts 0).Labels }}{{ or .TaskId .ResourceId }}{{ end }}'
`, at.messages, receiver, words.title, words.text, words.page, at.exporter)
}

// derive writes a file of the deploy folder into another folder, with the changes. It
// fails if there is nothing to change any more.
func derive(folder, name string, changes []change) error {
	content, err := os.ReadFile(filepath.Join("deploy", filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	var pairs []string
	for _, change := range changes {
		if !strings.Contains(string(content), change.shipped) {
			return fmt.Errorf("%s has no %q", name, change.shipped)
		}
		pairs = append(pairs, change.shipped, change.here)
	}
	return os.WriteFile(filepath.Join(folder, filepath.Base(name)), []byte(strings.NewReplacer(pairs...).Replace(string(content))), 0o600)
}
