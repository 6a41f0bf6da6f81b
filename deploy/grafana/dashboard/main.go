// Command dashboard prints the Grafana dashboard of datahub_exporter:
//
//	go run . > ../datahub_exporter.json
//
// It is a module of its own, so that the Grafana Foundation SDK is no burden on
// the exporter's. It knows the exporter by the documented series only; the tests
// in e2e hold the two together.
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

// encoded returns the dashboard as the shipped file has it.
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
