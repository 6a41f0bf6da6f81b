package check

import (
	"regexp"
	"testing"
)

const (
	documentPath = "../../../docs/kubernetes.md"
	readmePath   = chartFolder + "/README.md"
)

var snippet = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// snippets returns the YAML snippets of docs/kubernetes.md and of the chart's README.
func snippets(t testing.TB) []string {
	t.Helper()
	var texts []string
	for path, least := range map[string]int{documentPath: 5, readmePath: 1} {
		matches := snippet.FindAllStringSubmatch(readFile(t, path), -1)
		if len(matches) < least {
			t.Fatalf("%s: want %d snippets at least, have %d", path, least, len(matches))
		}
		for _, match := range matches {
			texts = append(texts, match[1])
		}
	}
	return texts
}

// TestSnippetsOfTheDocumentsRender checks that each YAML snippet holds values that
// render to valid Kubernetes objects.
func TestSnippetsOfTheDocumentsRender(t *testing.T) {
	for _, text := range snippets(t) {
		rendered, err := render(t, values(t, text))
		if err != nil {
			t.Errorf("%v in:\n%s", err, text)
			continue
		}
		mustDecode(t, rendered)
	}
}
