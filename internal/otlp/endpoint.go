package otlp

import (
	"errors"
	"regexp"

	"datahub_exporter/internal/endpoint"
)

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
