package otlp

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"datahub_exporter/internal/secret"
)

// headerName matches the names that HTTP/2 accepts. gRPC reserves those that begin
// with "grpc-".
var headerName = regexp.MustCompile(`^[a-z0-9_.-]+$`)

// ParseHeaders parses NAME=VALUE pairs, separated by commas. Its errors contain no
// value, which may be a token.
func ParseHeaders(value string) (map[string]secret.Value, error) {
	return parseHeaders(value, func(content string) (string, error) { return content, nil })
}

// parseEncodedHeaders parses the headers of a variable, which are percent-encoded.
func parseEncodedHeaders(value string) (map[string]secret.Value, error) {
	headers, err := parseHeaders(value, url.PathUnescape)
	if err != nil {
		return nil, fmt.Errorf("is malformed: %w", err)
	}
	return headers, nil
}

func parseHeaders(value string, decode func(string) (string, error)) (map[string]secret.Value, error) {
	headers := map[string]secret.Value{}
	for element := range strings.SplitSeq(value, ",") {
		name, content, found := strings.Cut(element, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := headers[name]
		switch {
		case !found:
			return nil, fmt.Errorf("header %d has no =; write name=value, separated by commas", len(headers)+1)
		case !headerName.MatchString(name) || strings.HasPrefix(name, "grpc-"):
			return nil, fmt.Errorf("header %d has a name that gRPC does not accept; write name=value, with letters, digits, '.', '-' and '_' in the name", len(headers)+1)
		case twice:
			return nil, fmt.Errorf("header %d repeats a name; keep one", len(headers)+1)
		}
		content, err := decode(content)
		if err != nil { // err quotes the value
			return nil, fmt.Errorf("header %d is badly percent-encoded; write name=value, with %%25 for %%", len(headers)+1)
		}
		content = strings.TrimSpace(content)
		if strings.ContainsFunc(content, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, errors.New("header " + name + " has a character that is not printable ASCII; remove it")
		}
		headers[name] = secret.New(content)
	}
	return headers, nil
}
