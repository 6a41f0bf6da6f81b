package config

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"datahub_exporter/endpoint"
	"datahub_exporter/secret"
)

// defaultOTLPPort is the port that is registered for OTLP over gRPC.
const defaultOTLPPort = "4317"

// OTLP says where the series are pushed to. What is zero or empty is not given in
// the file.
type OTLP struct {
	Endpoint                  endpoint.Endpoint
	Interval                  time.Duration           // between two pushes
	Timeout                   time.Duration           // of one push
	Headers                   map[string]secret.Value // by lower-case name
	CAFile, CertFile, KeyFile string
	Compression               string // "gzip" or "none"
}

// ParseOTLPEndpoint reads http://HOST[:PORT], which pushes in the clear, or
// https://HOST[:PORT] or HOST[:PORT], which use TLS. Without a port it is 4317.
func ParseOTLPEndpoint(value string) (endpoint.Endpoint, error) {
	parsed, err := endpoint.Parse(value)
	if err != nil {
		return endpoint.Endpoint{}, err
	}
	if _, _, err := net.SplitHostPort(parsed.Host); err != nil {
		parsed.Host = net.JoinHostPort(strings.Trim(parsed.Host, "[]"), defaultOTLPPort)
	}
	return parsed, nil
}

// otlp returns what section [otlp] says, nil if the file has none.
func (m model) otlp() (*OTLP, error) {
	section, found := m[otlpName]
	if !found {
		return nil, nil
	}
	parsed := OTLP{
		CAFile: section.values[caFileName], CertFile: section.values[certFileName], KeyFile: section.values[keyFileName],
		Compression: section.values[compressionName],
	}
	if c := parsed.Compression; c != "" && c != "gzip" && c != "none" {
		return nil, inKey(otlpName, compressionName, fmt.Errorf("%q is not known; write gzip or none", c))
	}
	var failures [4]error
	parsed.Endpoint, failures[0] = optional(section, endpointName, ParseOTLPEndpoint)
	parsed.Interval, failures[1] = optional(section, intervalName, parseDuration)
	parsed.Timeout, failures[2] = optional(section, timeoutName, parseDuration)
	parsed.Headers, failures[3] = optional(section, headersName, parseHeaders)
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return &parsed, nil
}

// optional reads one value, the zero value if it is empty or missing.
func optional[T any](s section, key string, read func(string) (T, error)) (value T, err error) {
	text := s.values[key]
	if text == "" {
		return value, nil
	}
	if value, err = read(text); err != nil {
		return value, inKey(s.name, key, err)
	}
	return value, nil
}

func parseDuration(value string) (time.Duration, error) {
	duration, err := time.ParseDuration(value)
	if err != nil || duration <= 0 {
		return 0, fmt.Errorf("%q is not a duration of more than 0; write it as 60s or 1m", value)
	}
	return duration, nil
}

// headerName is what HTTP/2 takes as a name, and gRPC keeps none of its own for
// anyone else.
var headerName = regexp.MustCompile(`^[a-z0-9_.-]+$`)

// parseHeaders reads NAME=VALUE, several with commas between them. Its errors
// name no value: it may be a token.
func parseHeaders(value string) (map[string]secret.Value, error) {
	headers := map[string]secret.Value{}
	for element := range strings.SplitSeq(value, ",") {
		name, content, found := strings.Cut(element, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := headers[name]
		switch {
		case !found:
			return nil, fmt.Errorf("header %d has no =; write name=value, and several with commas between them", len(headers)+1)
		case !headerName.MatchString(name) || strings.HasPrefix(name, "grpc-"):
			return nil, fmt.Errorf("header %d has a name that gRPC does not take; write letters, digits, dots, - and _", len(headers)+1)
		case twice:
			return nil, fmt.Errorf("header %d has the name of one before; keep one", len(headers)+1)
		}
		content = strings.TrimSpace(content)
		if strings.ContainsFunc(content, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, errors.New("header " + name + " has a character that is not printable ASCII; remove it")
		}
		headers[name] = secret.New(content)
	}
	return headers, nil
}
