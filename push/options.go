package push

import (
	"net"
	"strings"
	"time"

	"datahub_exporter/endpoint"
	"datahub_exporter/secret"
)

// defaultPort is the port that is registered for OTLP over gRPC.
const defaultPort = "4317"

// Flags are those of the command line that say where to push. What is zero or
// empty is not given.
type Flags struct {
	Endpoint string
	Interval time.Duration
}

// Options are what the configuration file says of a push. What is zero or empty
// is not given.
type Options struct {
	// Endpoint is the collector's.
	Endpoint endpoint.Endpoint
	// Interval is the time between two pushes.
	Interval time.Duration
	// Timeout bounds one push, its retries included.
	Timeout time.Duration
	// Headers go with each push, by their lower-case names.
	Headers map[string]secret.Value
	// CAFile has the certificates in PEM that are trusted instead of the
	// system's; CertFile and KeyFile are the exporter's own.
	CAFile, CertFile, KeyFile string
	// Compression is "gzip" or "none".
	Compression string
}

// ParseEndpoint reads http://HOST[:PORT], which pushes in the clear, or
// https://HOST[:PORT] or HOST[:PORT], which use TLS. Without a port it is 4317.
func ParseEndpoint(value string) (endpoint.Endpoint, error) {
	parsed, err := endpoint.Parse(value)
	if err != nil {
		return endpoint.Endpoint{}, err
	}
	if _, _, err := net.SplitHostPort(parsed.Host); err != nil {
		parsed.Host = net.JoinHostPort(strings.Trim(parsed.Host, "[]"), defaultPort)
	}
	return parsed, nil
}
