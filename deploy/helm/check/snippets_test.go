package check

import (
	"regexp"
	"testing"
)

const documentPath = "../../../docs/kubernetes.md"

var snippet = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// snippets returns the YAML snippets of docs/kubernetes.md.
func snippets(t testing.TB) []string {
	t.Helper()
	var texts []string
	for _, match := range snippet.FindAllStringSubmatch(readFile(t, documentPath), -1) {
		texts = append(texts, match[1])
	}
	if len(texts) < 5 {
		t.Fatalf("want five snippets at least, have %d", len(texts))
	}
	return texts
}

// TestSnippetsOfTheDocumentRender checks that each YAML snippet of
// docs/kubernetes.md holds values that render to valid Kubernetes objects.
func TestSnippetsOfTheDocumentRender(t *testing.T) {
	for _, text := range snippets(t) {
		rendered, err := render(t, values(t, text))
		if err != nil {
			t.Errorf("%v in:\n%s", err, text)
			continue
		}
		mustDecode(t, rendered)
	}
}
