package otlp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"datahub_exporter/internal/endpoint"
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
}

// Endpoint is where a collector is reached. The zero value means none.
type Endpoint struct {
	Scheme string // "https", "http" or, from a variable, "unix"
	Host   string // host or host:port, an IPv6 address in brackets
	Path   string // "" for the protocol's default; the path of a socket
}

var (
	// endpointParts splits an endpoint before its path.
	endpointParts = regexp.MustCompile(`(?s)^((?:[^/]*://)?[^/]*)(/.*)?$`)
	// pathPattern matches a path without empty names. It allows no query, no
	// fragment, and nothing that a log or a header cannot hold.
	pathPattern = regexp.MustCompile(`^(/([A-Za-z0-9._~:+,=-]|%[0-9A-Fa-f]{2})+)*/?$`)
)

// ParseEndpoint parses http://HOST[:PORT][/PATH], which pushes without TLS, or
// https://HOST[:PORT][/PATH] or HOST[:PORT][/PATH], which use TLS. Its errors do
// not repeat the value, which may hold a password.
func ParseEndpoint(value string) (Endpoint, error) {
	split := endpointParts.FindStringSubmatch(value) // it matches everything
	path := split[2]
	parsed, err := endpoint.Parse(split[1])
	switch {
	case err != nil:
		return Endpoint{}, err
	case path == "/":
		path = ""
	case !pathPattern.MatchString(path):
		return Endpoint{}, errors.New("not an endpoint: its path has an empty name, a query or a character that no path has; " +
			"write it as https://HOST:PORT/PATH, and put a credential into headers")
	}
	return Endpoint{Scheme: parsed.Scheme, Host: parsed.Host, Path: path}, nil
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
