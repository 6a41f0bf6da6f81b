// Command manuals writes the manual page and the shell completions from the
// exporter's flags:
//
//	go run ./manuals -to ../deploy/manuals
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	folder := flag.String("to", "../../deploy/manuals", "the folder to write to")
	flag.Parse()
	if err := write(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "manuals: error:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	made, err := render()
	if err != nil {
		return err
	}
	for name, text := range made {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
