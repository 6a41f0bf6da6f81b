package main

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const shipped = "../../../docs/licenses.csv"

func TestLicensesAreComplete(t *testing.T) {
	want, err := table(t.Context(), "../../..")
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(have)); diff != "" {
		t.Errorf("docs/licenses.csv (-want +have); renew it with: go run ./licenses\n%s", diff)
	}
}

// These licences permit distributing a program, modified or not, together with
// their texts.
func TestLicensesArePermissive(t *testing.T) {
	permissive := []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}
	for _, line := range read(t) {
		for licence := range strings.FieldsSeq(line[2]) {
			if !slices.Contains(permissive, licence) {
				t.Errorf("%s is under %s: may it be linked?", line[0], licence)
			}
		}
	}
}

// The table has every module in the linker's own list.
func TestLicensesHaveWhatIsLinked(t *testing.T) {
	program := filepath.Join(t.TempDir(), "datahub_exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	listed, linked := read(t), 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] != "dep" {
			continue
		}
		linked++
		if !slices.ContainsFunc(listed, func(line []string) bool { return line[0] == fields[1] && line[1] == fields[2] }) {
			t.Errorf("%s %s is linked and not listed", fields[1], fields[2])
		}
	}
	if linked < 20 {
		t.Errorf("want at least 20 modules, have %d in:\n%s", linked, out)
	}
}

func read(t *testing.T) [][]string {
	t.Helper()
	file, err := os.Open(shipped)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("want lines, have %v and %v", lines, err)
	}
	return lines[1:]
}
