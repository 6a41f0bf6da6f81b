package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The table stands between these lines of docs/performance.md.
const begin, end = "<!-- make bench writes from here -->\n", "<!-- to here -->\n"

// renew writes the table and the machine into performance.md, and the picture
// beside it.
func (b *bench) renew(docs string) error {
	path := filepath.Join(docs, "performance.md")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(content), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return fmt.Errorf("%s lacks the lines %q and %q, between which the table goes", path, begin, end)
	}
	renewed := before + begin + "\n" + machine() + "\n\n" + b.table.markdown() + "\n" + end + after
	picture, err := b.growth.svg()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(docs, "performance.svg"), []byte(picture), 0o644); err != nil { //nolint:gosec // documentation
		return err
	}
	return os.WriteFile(path, []byte(renewed), 0o644) //nolint:gosec // documentation
}

// machine says what the figures were taken on.
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
