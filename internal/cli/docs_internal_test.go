package cli

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/google/go-cmp/cmp"
)

// The document has every flag, and no other, with its default, an example that is
// accepted and, if this package checks the value, one that is refused with its
// error.
func TestFlagsAreDocumented(t *testing.T) {
	documented, refused := map[string]string{}, map[string]bool{}
	for _, row := range rowsUnder(t, "../../docs/configuration.md", "## Flags") {
		flag, standard := code(row[0]), code(row[1])
		if len(row) == 4 {
			documented[flag] = standard
			if _, err := Parse(strings.Fields(code(row[2])), io.Discard); err != nil || !strings.Contains(code(row[2]), flag) {
				t.Errorf("%s: the example %q is refused: %v", flag, code(row[2]), err)
			}
			continue
		}
		name, _, _ := strings.Cut(flag, "=")
		refused[name] = true
		if _, err := Parse([]string{flag}, io.Discard); err == nil || err.Error() != standard {
			t.Errorf("%s: want an error that ends with\n%s\nhave\n%v", flag, standard, err)
		}
	}
	known := map[string]string{}
	for _, flag := range flags() {
		known["--"+flag.Name] = strings.Join(flag.Default, ",")
		if _, validated := flag.Value.(flagValue); validated && !refused["--"+flag.Name] {
			t.Errorf("--%s: want a value that is refused in the document", flag.Name)
		}
	}
	if diff := cmp.Diff(known, documented, cmp.Comparer(sameDefault)); diff != "" {
		t.Errorf("flags and their defaults (-known +documented):\n%s", diff)
	}
}

// flags returns the flags that --help shows.
func flags() []*kingpin.FlagModel {
	var shown []*kingpin.FlagModel
	app := kingpin.New(Name, "").Version("")
	new(Options).declare(app)
	nameFlagsInErrors(app)
	for _, flag := range app.Model().Flags {
		if !flag.Hidden {
			shown = append(shown, flag)
		}
	}
	return shown
}

// sameDefault compares defaults, however a duration is written.
func sameDefault(a, b string) bool {
	first, err := time.ParseDuration(a)
	second, also := time.ParseDuration(b)
	return a == b || err == nil && also == nil && first == second
}

// rowsUnder returns the rows of a document's tables under a heading.
func rowsUnder(t *testing.T, document, heading string) [][]string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", document, heading)
	}
	if end := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(chapter); end != nil {
		chapter = chapter[:end[0]]
	}
	var rows [][]string
	for line := range strings.Lines(chapter) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|"))
		}
	}
	return rows
}

// code returns the text in backticks in a cell, or nothing.
func code(cell string) string {
	_, rest, _ := strings.Cut(cell, "`")
	text, _, _ := strings.Cut(rest, "`")
	return text
}
