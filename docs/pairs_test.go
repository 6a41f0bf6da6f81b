package docs_test

import (
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape is what both languages of a document have in common.
type shape struct {
	Sections []section
	Blocks   []string
	// Names are the alerts, series, flags, files and keys in the document.
	Names []string
	// Links are the names of the files that it links to.
	Links []string
}

// section is a heading: its level, its text if that is a name and so the same in
// both languages, and how much is below it.
type section struct {
	Level        int
	Name         string
	Rows, Points int
}

var (
	name     = regexp.MustCompile(`^[A-Za-z][\w.]*$`)
	codeName = regexp.MustCompile("`(--[a-z.-]+|[A-Za-z_][\\w.:/-]*)[`=]")
)

// pairs returns the path of the Chinese document for each English one that has one.
func pairs(t *testing.T) map[string]string {
	t.Helper()
	chinese, err := filepath.Glob("zh-CN/*.md")
	if err != nil || len(chinese) < 3 {
		t.Fatalf("want three Chinese documents at least, have %v, %v", chinese, err)
	}
	pairs := map[string]string{"README.md": "README.zh-CN.md"}
	for _, translated := range chinese {
		name := filepath.Base(translated)
		pairs["docs/"+name] = "docs/zh-CN/" + name
	}
	return pairs
}

// Both languages have the same sections, table rows, list items, code blocks, names
// and links.
func TestBothLanguagesSayTheSame(t *testing.T) {
	for english, chinese := range pairs(t) {
		if diff := cmp.Diff(shapeOf(read(t, english)), shapeOf(read(t, chinese))); diff != "" {
			t.Errorf("(-%s +%s):\n%s", english, chinese, diff)
		}
	}
}

// The two languages link to each other.
func TestLanguagesAreLinked(t *testing.T) {
	for english, chinese := range pairs(t) {
		for from, to := range map[string]string{english: chinese, chinese: english} {
			relative, err := filepath.Rel(filepath.Dir(from), to)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(links(read(t, from)), filepath.ToSlash(relative)) {
				t.Errorf("%s: want a link to %s", from, to)
			}
		}
	}
}

// Both languages show the same figures, which a program writes into both.
func TestBothLanguagesShowTheSameFigures(t *testing.T) {
	var figures [2]string
	for i, path := range []string{"docs/performance.md", "docs/zh-CN/performance.md"} {
		_, rest, begins := strings.Cut(read(t, path).prose, "<!-- make bench writes from here -->")
		shown, _, ends := strings.Cut(rest, "<!-- to here -->")
		if !begins || !ends {
			t.Fatalf("%s lacks the lines between which the figures go", path)
		}
		figures[i] = shown
	}
	if diff := cmp.Diff(figures[0], figures[1]); diff != "" {
		t.Errorf("(-English +Chinese):\n%s", diff)
	}
}

func shapeOf(document *document) shape {
	var shape shape
	for _, heading := range document.headings {
		section := section{Level: heading.level, Rows: heading.rows, Points: heading.points}
		if name.MatchString(heading.text) && strings.HasPrefix(heading.text, "CKafka") {
			section.Name = heading.text
		}
		shape.Sections = append(shape.Sections, section)
	}
	for _, block := range document.blocks {
		shape.Blocks = append(shape.Blocks, block.language+"\n"+block.text)
	}
	names := map[string]bool{}
	for _, match := range codeName.FindAllStringSubmatch(document.prose, -1) {
		names[match[1]] = true
	}
	shape.Names = slices.Sorted(maps.Keys(names))
	targets := map[string]bool{}
	for _, link := range links(document) {
		file, _, _ := strings.Cut(link, "#")
		if file != "" {
			targets[strings.Replace(path.Base(file), ".zh-CN.", ".", 1)] = true
		}
	}
	shape.Links = slices.Sorted(maps.Keys(targets))
	return shape
}
