package otlp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"datahub_exporter/internal/secret"
)

// The protocols that a push can speak, as OpenTelemetry names them.
const (
	GRPC = "grpc"
	HTTP = "http/protobuf"
)

// Flags are the command line flags that say where and how to push. Zero or empty
// means not given.
type Flags struct {
	Endpoint string
	Protocol string
	Interval time.Duration
	Logs     bool
}

// Options are what the configuration file says about a push. Zero or empty means
// not given.
type Options struct {
	// Endpoint is the collector's endpoint.
	Endpoint Endpoint
	// Protocol is GRPC or HTTP.
	Protocol string
	// Interval is the time between two pushes.
	Interval time.Duration
	// Timeout bounds one push including its retries.
	Timeout time.Duration
	// Headers are sent with each push, by their lower-case names.
	Headers map[string]secret.Value
	// CAFile holds the PEM certificates to trust instead of the system's; CertFile
	// and KeyFile are the exporter's own.
	CAFile, CertFile, KeyFile string
	// Compression is "gzip" or "none".
	Compression string
	// Logs is whether log records are pushed, too.
	Logs bool
}

// ParseProtocol parses GRPC or HTTP. The caller puts the name of the setting before
// its error.
func ParseProtocol(value string) (string, error) {
	if strings.EqualFold(value, "http/json") {
		return "", errors.New(`is "http/json", which this exporter does not speak; use http/protobuf, which receivers take at the same endpoint, or grpc`)
	}
	if known := strings.ToLower(value); known == GRPC || known == HTTP {
		return known, nil
	}
	return "", fmt.Errorf("is %s; use grpc or http/protobuf", quote(value))
}
