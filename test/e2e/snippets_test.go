package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v2"
)

// snippet is a code block in a document.
type snippet struct{ path, language, text string }

var fenced = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

// snippetsOf returns the code blocks of a document in order.
func snippetsOf(t testing.TB, path string) (snippets []snippet) {
	t.Helper()
	content, err := os.ReadFile(shipped(t, path))
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range fenced.FindAllStringSubmatch(string(content), -1) {
		snippets = append(snippets, snippet{path, match[1], match[2]})
	}
	return snippets
}

// allSnippets returns the code blocks of all user documentation.
func allSnippets(t testing.TB) (snippets []snippet) {
	t.Helper()
	for _, pattern := range []string{"README*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(shipped(t, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			relative, err := filepath.Rel(shipped(t, "."), path)
			if err != nil {
				t.Fatal(err)
			}
			snippets = append(snippets, snippetsOf(t, relative)...)
		}
	}
	return snippets
}

// The YAML snippets are accepted by the programs that they are for, although the
// files that they name do not exist.
func TestSnippetsAreAccepted(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, snippet := range allSnippets(t) {
		if snippet.language != "yaml" {
			continue
		}
		purpose := purposeOf(t, snippet)
		seen[purpose]++
		switch purpose {
		case "Prometheus":
			accepted(t, snippet, snippet.text, "promtool2", "check", "config", "--syntax-only")
			accepted(t, snippet, snippet.text, "promtool3", "check", "config", "--syntax-only")
		case "rules":
			accepted(t, snippet, snippet.text, "promtool2", "check", "rules")
			accepted(t, snippet, snippet.text, "promtool3", "check", "rules")
		case "routes":
			accepted(t, snippet, alertmanagerWith(t, snippet), "amtool", "check-config")
		}
	}
	for purpose, least := range map[string]int{"Prometheus": 8, "rules": 2, "routes": 4} {
		if seen[purpose] < least {
			t.Errorf("want %d snippets for %s at least, have %d", least, purpose, seen[purpose])
		}
	}
}

// purposeOf returns what a snippet is part of. The tests of the docs themselves
// check those for --web.config.file.
func purposeOf(t testing.TB, snippet snippet) string {
	t.Helper()
	var content any
	if err := yaml.Unmarshal([]byte(snippet.text), &content); err != nil {
		t.Errorf("%s: %v in:\n%s", snippet.path, err, snippet.text)
	}
	mapping, _ := content.(document)
	list, _ := content.([]any)
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { _, is := mapping[key]; return is })
	}
	switch {
	case filepath.Base(snippet.path) == "kubernetes.md":
		return "the Helm chart" // whose own tests render it
	case has("scrape_configs", "alerting", "rule_files"):
		return "Prometheus"
	case has("groups"):
		return "rules"
	case has("tls_server_config", "basic_auth_users"):
		return "the exporter's own port"
	case len(list) > 0:
		if first, _ := list[0].(document); first["matchers"] != nil {
			return "routes"
		}
	}
	t.Errorf("%s: nothing says whether this is right; teach this test what it is:\n%s", snippet.path, snippet.text)
	return ""
}

// alertmanagerWith returns a configuration with the routes in a snippet.
func alertmanagerWith(t testing.TB, snippet snippet) string {
	t.Helper()
	var routes []any
	if err := yaml.Unmarshal([]byte(snippet.text), &routes); err != nil {
		t.Fatal(err)
	}
	receivers := []document{{"name": "default"}}
	for _, route := range routes {
		receivers = append(receivers, document{"name": route.(document)["receiver"]})
	}
	written, err := yaml.Marshal(document{"route": document{"receiver": "default", "routes": routes}, "receivers": receivers})
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

// Prometheus accepts the expressions in the documentation.
func TestExpressionsOfTheDocumentsAreAccepted(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, snippet := range allSnippets(t) {
		if snippet.language != "promql" {
			continue
		}
		seen++
		rules, err := yaml.Marshal(document{"groups": []document{{
			"name": "documented", "rules": []document{{"record": "documented", "expr": snippet.text}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, snippet, string(rules), "promtool2", "check", "rules")
	}
	if seen < 10 {
		t.Errorf("want ten expressions at least, have %d", seen)
	}
}

// accepted checks a text with a program, whose last argument is the file.
func accepted(t *testing.T, snippet snippet, text, program string, args ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snippet.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), tool(t, program), append(args, path)...)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%s, %s: %v in:\n%s\n%s", snippet.path, program, err, text, out)
	}
}

// The documented commands for Alertmanager work on a real one.
func TestAmtoolCommandsOfTheDocuments(t *testing.T) {
	t.Parallel()
	server := startAlertmanager(t, "alertmanager34", shipped(t, alertmanagerConfig))
	seen := 0
	for _, snippet := range allSnippets(t) {
		for line := range strings.Lines(snippet.text) {
			if !strings.HasPrefix(line, "amtool ") {
				continue
			}
			seen++
			command := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(line, "127.0.0.1:9093", server.address))
			command.Env = append(os.Environ(), "PATH="+filepath.Dir(tool(t, "amtool"))+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v:\n%s", snippet.path, line, err, out)
			}
		}
	}
	if seen < 8 {
		t.Errorf("want eight commands at least, have %d", seen)
	}
	for path, least := range map[string]int{"/api/v2/silences": 6, "/api/v2/alerts": 1} {
		body, err := fetch(t.Context(), "http://"+server.address+path)
		if err != nil || strings.Count(string(body), `"startsAt"`) < least {
			t.Errorf("%s: want %d at least, have %s (%v)", path, least, body, err)
		}
	}
}
