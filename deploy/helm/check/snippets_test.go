package check

import (
	"regexp"
	"testing"
)

var snippet = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// TestSnippetsOfTheDocumentRender checks that each YAML snippet of
// docs/kubernetes.md holds values that render to valid Kubernetes objects.
func TestSnippetsOfTheDocumentRender(t *testing.T) {
	snippets := snippet.FindAllStringSubmatch(readFile(t, "../../../docs/kubernetes.md"), -1)
	if len(snippets) < 5 {
		t.Fatalf("want five snippets at least, have %d", len(snippets))
	}
	for _, match := range snippets {
		rendered, err := render(t, values(t, match[1]))
		if err != nil {
			t.Errorf("%v in:\n%s", err, match[1])
			continue
		}
		mustDecode(t, rendered)
	}
}
