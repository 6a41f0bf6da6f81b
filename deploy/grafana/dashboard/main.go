// Command dashboard writes the Grafana dashboards of datahub_exporter, one for each
// language:
//
//	go run . -to ..
//
// It is a separate module, so that the Grafana Foundation SDK does not burden the
// exporter's module. It knows only the documented series of the exporter; the tests
// in e2e keep the two in step.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	folder := flag.String("to", "..", "the folder to write to")
	flag.Parse()
	if err := write(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard: error:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	for _, language := range languages() {
		text, err := encoded(language)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, language.file()), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// encoded returns the dashboard in the format of the shipped file.
func encoded(in language) ([]byte, error) {
	built, err := build(in)
	if err != nil {
		return nil, fmt.Errorf("build the dashboard: %w", err)
	}
	compact, err := json.Marshal(built)
	if err != nil {
		return nil, fmt.Errorf("encode the dashboard: %w", err)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("indent the dashboard: %w", err)
	}
	text.WriteByte('\n')
	return text.Bytes(), nil
}
