package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The table goes between these two lines of docs/performance.md, in both languages.
const begin, end = "<!-- make bench writes from here -->\n", "<!-- to here -->\n"

// renew writes the table and a description of the machine into performance.md, in
// both languages, and the picture next to it.
func (b *bench) renew(docs string) {
	figures := machine() + "\n\n" + b.table.markdown() + "\n"
	insert(filepath.Join(docs, "performance.md"), figures)
	insert(filepath.Join(docs, "zh-CN", "performance.md"), figures)
	check(os.WriteFile(filepath.Join(docs, "performance.svg"), []byte(b.growth.svg()), 0o644)) //nolint:gosec // documentation
}

// insert writes the figures between the two lines of a document.
func insert(path, figures string) {
	before, rest, found := strings.Cut(string(must(os.ReadFile(path))), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		panic(failure{fmt.Errorf("%s lacks the lines %q and %q, between which the table goes", path, begin, end)})
	}
	renewed := before + begin + "\n" + figures + end + after
	check(os.WriteFile(path, []byte(renewed), 0o644)) //nolint:gosec // documentation
}

// machine describes the machine that the figures were taken on.
func machine() string {
	model := "an unknown processor"
	cpus, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(cpus)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
		}
	}
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("Taken on %s, %d cores, %s/%s, %s; load average at the end %s.",
		model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), strings.Split(string(load), " ")[0])
}
