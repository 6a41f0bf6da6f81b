package e2e

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// promtools returns both generations of the tool that checks the shipped files.
func promtools() []string { return []string{"promtool2", "promtool3"} }

func TestPromtoolAcceptsWhatIsShipped(t *testing.T) {
	t.Parallel()
	for _, promtool := range promtools() {
		for _, args := range [][]string{
			{"check", "config", "--lint=all", shipped(t, scrapeTheExporter)},
			{"check", "config", "--lint=all", shipped(t, scrapeAsRecommended)},
			{"check", "config", "--lint=all", shipped(t, scrapeByDiscovery)},
			{"check", "config", "--lint=all", shipped(t, scrapeTheSidecar)},
			{"check", "config", "--lint=all", shipped(t, scrapeTheCollector)},
			{"check", "rules", "--lint=all", shipped(t, "deploy/prometheus/rules.yml")},
			{"check", "rules", "--lint=all", shipped(t, "deploy/prometheus/rules-collector.yml")},
			{"check", "rules", "--lint=all", shipped(t, "deploy/prometheus/rules-collector-tiers.yml")},
			{"check", "rules", "--lint=all", shipped(t, "deploy/prometheus/rules-recommended.yml")},
			{"test", "rules", shipped(t, "deploy/prometheus/rules_test.yml")},
			{"test", "rules", shipped(t, "deploy/prometheus/rules-collector-tiers_test.yml")},
			{"test", "rules", shipped(t, "deploy/prometheus/rules-recommended_test.yml")},
			{"test", "rules", shipped(t, "deploy/prometheus/rules-recommended-progress_test.yml")},
		} {
			t.Run(fmt.Sprint(promtool, " ", args[0], " ", args[1], " ", filepath.Base(args[len(args)-1])), func(t *testing.T) {
				out, err := exec.CommandContext(t.Context(), tool(t, promtool), args...).CombinedOutput()
				if err != nil {
					t.Errorf("%v:\n%s", err, out)
				}
			})
		}
	}
}

// Each of the files for TMP is a group, as its console takes it.
func TestPromtoolAcceptsTheRulesForTMP(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(shipped(t, "deploy/tencent-cloud/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("want files, have %v, %v", files, err)
	}
	for _, file := range files {
		rules := filepath.Join(t.TempDir(), filepath.Base(file))
		writeYAML(t, rules, document{"groups": []any{parseYAML(t, file)}})
		for _, promtool := range promtools() {
			out, err := exec.CommandContext(t.Context(), tool(t, promtool), "check", "rules", "--lint=all", rules).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %s: %v:\n%s", promtool, filepath.Base(file), err, out)
			}
		}
	}
}

// Prometheus 2 does not receive OTLP.
func TestPromtool3AcceptsTheConfigurationForOTLP(t *testing.T) {
	t.Parallel()
	for _, config := range []string{receiveOTLP, receiveDirectly} {
		check := exec.CommandContext(t.Context(), tool(t, "promtool3"), "check", "config", "--lint=all", shipped(t, config))
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v:\n%s", config, err, out)
		}
	}
}

// documentedFault matches promtool's complaints about the documented names, which
// must not change.
var documentedFault = regexp.MustCompile(`^(datahub_task|connect_resource)(` +
	`_error_count non-histogram and non-summary metrics should not have "_count" suffix|` +
	`_(status|state|info|error_info|tasks) label names should be written in 'snake_case' not 'camelCase')$`)

func TestPromtoolAcceptsWhatIsExposed(t *testing.T) {
	t.Parallel()
	exporter := startExporter(t, startCloud(t, strange()...))
	for _, path := range []string{tasksPath, connectionsPath, "/metrics"} {
		body, err := fetch(t.Context(), "http://"+exporter.address+path)
		if err != nil {
			t.Fatal(err)
		}
		for _, promtool := range promtools() {
			check := exec.CommandContext(t.Context(), tool(t, promtool), "check", "metrics")
			check.Stdin = bytes.NewReader(body)
			out, err := check.CombinedOutput()
			// promtool exits with 3 if it finds fault, as it must with the
			// documented names.
			if want, have := path != "/metrics", check.ProcessState.ExitCode() == 3; want != have {
				t.Errorf("%s, %s: fault found: want %v, have %v:\n%s", path, promtool, want, err, out)
			}
			for line := range strings.Lines(string(out)) {
				if !documentedFault.MatchString(strings.TrimSpace(line)) {
					t.Errorf("%s, %s: %s", path, promtool, line)
				}
			}
		}
	}
}
