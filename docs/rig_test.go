package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the folder with all documents.
const root = ".."

// document is a parsed Markdown file.
type document struct {
	path     string // from the root, with slashes
	headings []heading
	prose    string // without code blocks
	blocks   []block
}

type heading struct {
	level int
	text  string
	// rows and points are the table rows and list items below it, up to the next
	// heading.
	rows, points int
}

// block is a fenced code block.
type block struct{ language, text string }

var (
	headingLine = regexp.MustCompile(`^(#+) +(.+?) *$`)
	pointLine   = regexp.MustCompile(`^ *([-*]|[0-9]+\.) `)
)

// documents returns all documents of the project, sorted by path.
func documents(t *testing.T) []*document {
	t.Helper()
	var found []*document
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules"):
			return filepath.SkipDir
		case !entry.IsDir() && filepath.Ext(name) == ".md":
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			found = append(found, read(t, filepath.ToSlash(relative)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("want ten documents at least, have %d", len(found))
	}
	return found
}

// read parses a document. Its path starts at the root.
func read(t *testing.T, path string) *document {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	read := &document{path: path, headings: []heading{{}}}
	var open *block
	for line := range strings.Lines(string(content)) {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			open = &block{language: language}
		case fence:
			read.blocks = append(read.blocks, *open)
			open = nil
		case open != nil:
			open.text += line
		default:
			read.addProse(line)
		}
	}
	if open != nil {
		t.Errorf("%s: its last block of code has no end", read.path)
	}
	return read
}

func (d *document) addProse(line string) {
	d.prose += line
	if match := headingLine.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
		d.headings = append(d.headings, heading{level: len(match[1]), text: match[2]})
		return
	}
	last := &d.headings[len(d.headings)-1]
	switch {
	case strings.HasPrefix(line, "|"):
		last.rows++
	case pointLine.MatchString(line):
		last.points++
	}
}

var notOfAnchor = regexp.MustCompile(`[^\p{L}\p{M}\p{N}\p{Pc}\- ]`)

// anchors returns what a link may name after a #: the headings, as GitHub makes
// anchors of them.
func (d *document) anchors() []string {
	var anchors []string
	for _, heading := range d.headings {
		anchor := strings.ReplaceAll(notOfAnchor.ReplaceAllString(strings.ToLower(heading.text), ""), " ", "-")
		if !slices.Contains(anchors, anchor) {
			anchors = append(anchors, anchor)
		}
	}
	return anchors
}
