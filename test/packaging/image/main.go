// Command image builds the container image that the Dockerfile describes, without a
// container engine, as an OCI layout for both architectures:
//
//	go run ./image -to ../dist/image
//	skopeo copy --all oci:../dist/image docker://registry.example.com/datahub_exporter:1.0.0
//
// It runs the RUN lines of the Dockerfile on this machine. The certificate
// authorities are this machine's and the time zones are Go's.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	options := options{Context: "../..", Args: map[string]string{}}
	flag.StringVar(&options.To, "to", "../../dist/image", "the folder of the layout; it must not exist")
	processors := flag.String("arch", "amd64,arm64", "the processors")
	for name, about := range map[string]string{"VERSION": "version", "REVISION": "revision", "CREATED": "date, as RFC 3339 has it"} {
		flag.Func(strings.ToLower(name), about, func(value string) error {
			options.Args[name] = value
			return nil
		})
	}
	flag.Parse()
	options.Processors = strings.Split(*processors, ",")
	if err := build(context.Background(), options); err != nil {
		fmt.Fprintln(os.Stderr, "image: error:", err)
		os.Exit(1)
	}
}
