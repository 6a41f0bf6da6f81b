// Command dashboard prints the Grafana dashboard of datahub_exporter:
//
//	go run . > ../datahub_exporter.json
//
// It is a separate module, so that the Grafana Foundation SDK does not burden the
// exporter's module. It knows only the documented series of the exporter; the tests
// in e2e keep the two in step.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	text, err := encoded()
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("write the dashboard: %w", err)
	}
	return nil
}

// encoded returns the dashboard in the format of the shipped file.
func encoded() ([]byte, error) {
	built, err := build()
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
