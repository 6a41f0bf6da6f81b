// Command licenses writes the table of the modules that the exporter links on each
// platform of a release, with their licences:
//
//	go run ./licenses -to ../docs/licenses.csv
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	path := flag.String("to", "../../docs/licenses.csv", "the file to write")
	flag.Parse()
	table, err := table(context.Background(), "../..")
	if err == nil {
		err = os.WriteFile(*path, table, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licenses: error:", err)
		os.Exit(1)
	}
}
