// Command tencent writes the recommended rules as Tencent Cloud's Prometheus service,
// TMP, takes them:
//
//	go run ./tencent -to ../../deploy/tencent-cloud
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	folder := flag.String("to", "../../deploy/tencent-cloud", "the folder to write to")
	flag.Parse()
	if err := write("../../deploy/prometheus/rules-recommended.yml", *folder); err != nil {
		fmt.Fprintln(os.Stderr, "tencent: error:", err)
		os.Exit(1)
	}
}

func write(rules, folder string) error {
	text, err := os.ReadFile(rules)
	if err != nil {
		return err
	}
	made, err := split(text)
	if err != nil {
		return err
	}
	for name, text := range made {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
