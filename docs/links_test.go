package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link = regexp.MustCompile(`\]\(<?([^)>\s]+)>?\)`)
	code = regexp.MustCompile("`[^`]*`")
)

// Every link leads to an existing file and heading. Links to other sites are not
// checked, because the test has no network.
func TestLinksResolve(t *testing.T) {
	byPath := map[string]*document{}
	for _, document := range documents(t) {
		byPath[document.path] = document
	}
	seen := 0
	for _, from := range byPath {
		for _, target := range links(from) {
			seen++
			file, anchor, _ := strings.Cut(target, "#")
			to := from.path
			if file != "" {
				to = path.Join(path.Dir(from.path), file)
			}
			if strings.HasPrefix(to, "..") {
				t.Errorf("%s: the link %s leaves the project", from.path, target)
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				t.Errorf("%s: the link %s leads to nothing: %v", from.path, target, err)
				continue
			}
			if anchor == "" {
				continue
			}
			if document := byPath[to]; document == nil || !slices.Contains(document.anchors(), anchor) {
				t.Errorf("%s: the link %s names a heading that is not there", from.path, target)
			}
		}
	}
	if seen < 100 {
		t.Errorf("want a hundred links at least, have %d", seen)
	}
}

// links returns the targets of a document's links within the project.
func links(from *document) []string {
	var found []string
	// A link may have code as its text, and code may look like a link.
	text := code.ReplaceAllString(from.prose, "code")
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		if target := match[1]; !strings.Contains(target, "://") && !strings.HasPrefix(target, "mailto:") {
			found = append(found, target)
		}
	}
	return found
}

// The index links to every document.
func TestIndexIsComplete(t *testing.T) {
	listed := links(read(t, "docs/README.md"))
	for _, document := range documents(t) {
		relative, within := strings.CutPrefix(document.path, "docs/")
		if within && relative != "README.md" && !slices.Contains(listed, relative) {
			t.Errorf("docs/README.md lacks %s", relative)
		}
	}
}
