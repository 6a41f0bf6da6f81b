package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v2"
)

// The shipped files still have everything that the demo changes, and are still YAML
// with the demo's addresses afterwards.
func TestConfigure(t *testing.T) {
	t.Chdir("../..")
	at := addresses{exporter: "127.0.0.1:1", prometheus: "127.0.0.1:2", alertmanager: "127.0.0.1:3", messages: "127.0.0.1:4"}
	for tag, words := range languages {
		folder := t.TempDir()
		if err := configure(folder, at, words); err != nil {
			t.Fatalf("%s: %v", tag, err)
		}
		var prometheus struct {
			Global   map[string]string
			Alerting struct {
				Alertmanagers []struct {
					StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
				}
			}
			Jobs []struct {
				Interval      string                       `yaml:"scrape_interval"`
				StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
			} `yaml:"scrape_configs"`
		}
		parse(t, filepath.Join(folder, "prometheus-recommended.yml"), &prometheus)
		have := []string{prometheus.Global["evaluation_interval"], prometheus.Alerting.Alertmanagers[0].StaticConfigs[0].Targets[0]}
		for _, job := range prometheus.Jobs {
			have = append(have, job.Interval, job.StaticConfigs[0].Targets[0])
		}
		if diff := cmp.Diff([]string{"10s", at.alertmanager, "10s", at.exporter, "10s", at.exporter, "10s", at.exporter}, have); diff != "" {
			t.Errorf("%s: Prometheus (-want +have):\n%s", tag, diff)
		}
		var alertmanager struct {
			Receivers []struct {
				Slack []map[string]string `yaml:"slack_configs"`
			}
		}
		parse(t, filepath.Join(folder, "alertmanager.yml"), &alertmanager)
		var urls []string
		for _, receiver := range alertmanager.Receivers {
			for _, slack := range receiver.Slack {
				urls = append(urls, slack["api_url"])
			}
		}
		if diff := cmp.Diff([]string{"http://127.0.0.1:4/on-call", "http://127.0.0.1:4/chat"}, urls); diff != "" {
			t.Errorf("%s: receivers (-want +have):\n%s", tag, diff)
		}
	}
}

func parse(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

func TestDeriveNoticesWhatIsGone(t *testing.T) {
	t.Chdir("../..")
	err := derive(t.TempDir(), "alertmanager/alertmanager.yml", []change{{"group_wait: 30s", ""}, {"group_wait: 29s", ""}})
	if err == nil || !strings.Contains(err.Error(), `alertmanager/alertmanager.yml has no "group_wait: 29s"`) {
		t.Errorf("want an error that names the text, have %v", err)
	}
}

func TestMessage(t *testing.T) {
	for want, sent := range map[string]string{
		"CRITICAL · orders failed\n  State: abnormal\n  Since: now\n  Page: http://page/?q=task-1\n": `{"attachments": [{"title": "CRITICAL · orders failed", "text": "State: abnormal\nSince: now\n\n", "footer": "Page: http://page/?q=task-1"}]}`,
		"【CKafka】严重\n  严重：任务失败\n  \n  - 状态：异常\n  - 打开控制台：https://console\n  状态页：http://page/\n":      `{"attachments": [{"title": "【CKafka】严重", "footer": "状态页：http://page/", "text": "【CKafka】严重\n\n**严重：任务失败**\n\n- 状态：异常\n- [打开控制台](https://console)"}]}`,
	} {
		have, err := message(strings.NewReader(sent))
		if diff := cmp.Diff(want, have); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +have):\n%s", sent, err, diff)
		}
	}
	if have, err := message(strings.NewReader("payload=1")); err == nil {
		t.Errorf("want an error for what is no message, have %q", have)
	}
}

// What is missing is named, with the flag that says where it is.
func TestFind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	for _, given := range []string{"", filepath.Join(folder, "nowhere")} {
		_, err := find("Prometheus 2.42 or newer", "-prometheus", given, "prometheus")
		if err == nil || !strings.Contains(err.Error(), "install Prometheus 2.42 or newer") || !strings.Contains(err.Error(), "-prometheus") {
			t.Errorf("%q: want an error that says what to install, have %v", given, err)
		}
	}
	if err := run("", "", "fr"); err == nil || !strings.Contains(err.Error(), "-lang") {
		t.Errorf("-lang=fr: want an error that names the flag, have %v", err)
	}
}
