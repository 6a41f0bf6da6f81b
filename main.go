// Command datahub_exporter exposes the status of Tencent Cloud CKafka connector
// tasks and connections to Prometheus.
package main

import (
	"os"

	"datahub_exporter/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr)) }
