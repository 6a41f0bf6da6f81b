// Package endpoint parses the addresses of servers: a scheme, a host and a port,
// and nothing else that a URL may have.
package endpoint

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// An Endpoint is the address of a server. The zero value stands for a default that
// its user defines.
type Endpoint struct {
	Scheme string // "https" or "http"
	Host   string // host or host:port, an IPv6 address in brackets; "" for the default
}

const form = "write it as https://HOST, https://HOST:PORT, HOST or HOST:PORT"

// maxHost is the maximum length of a host in bytes.
const maxHost = 128

var (
	// Underscores are not allowed in host names, but many containers have them.
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)
	portPattern   = regexp.MustCompile(`^[0-9]{1,5}$`)
	schemePattern = regexp.MustCompile(`^[a-z]{1,8}$`)
)

// Parse parses https://HOST[:PORT] or http://HOST[:PORT], with or without a slash
// at the end, or HOST[:PORT] alone, which means https. It refuses everything else
// that a URL may have. Its errors do not repeat the value, which may contain a
// password.
func Parse(value string) (Endpoint, error) {
	if strings.ContainsAny(value, "@?#") {
		return Endpoint{}, errors.New("an endpoint has no user, password, query or fragment; " + form)
	}
	scheme, host, err := splitScheme(value)
	if err == nil {
		err = validateHostPort(host)
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("not an endpoint: %w; %s", err, form)
	}
	return Endpoint{Scheme: scheme, Host: host}, nil
}

// splitScheme returns the scheme and what follows it, without one slash at the end.
func splitScheme(value string) (scheme, host string, err error) {
	scheme, host, found := strings.Cut(value, "://")
	if !found {
		return "https", value, nil
	}
	scheme = strings.ToLower(scheme)
	if scheme != "https" && scheme != "http" {
		return "", "", fmt.Errorf("its scheme%s is neither https nor http", shown(scheme))
	}
	return scheme, strings.TrimSuffix(host, "/"), nil
}

// shown returns the scheme quoted, after a space, or nothing if it does not look
// like one: it may be part of a secret.
func shown(scheme string) string {
	if !schemePattern.MatchString(scheme) {
		return ""
	}
	return fmt.Sprintf(" %q", scheme)
}

func validateHostPort(value string) error {
	if strings.Contains(value, "/") {
		return errors.New("it has a path")
	}
	if strings.HasPrefix(value, "[") {
		return validateBracketed(value)
	}
	host, port, found := strings.Cut(value, ":")
	switch {
	case host == "":
		return errors.New("it has no host")
	case strings.Contains(port, ":"):
		return errors.New("it has more than one colon, and an IPv6 address needs brackets")
	case !hostPattern.MatchString(host) || len(host) > maxHost:
		return errors.New("its host is not a host name")
	case found:
		return validatePort(port)
	}
	return nil
}

// validateBracketed checks [IPv6] and [IPv6]:PORT.
func validateBracketed(value string) error {
	host, rest, _ := strings.Cut(value[1:], "]")
	address, err := netip.ParseAddr(host)
	if err != nil || !address.Is6() || address.Zone() != "" {
		return errors.New("the text in brackets is not an IPv6 address")
	}
	if rest == "" && strings.HasSuffix(value, "]") {
		return nil
	}
	port, found := strings.CutPrefix(rest, ":")
	if !found {
		return errors.New("only a port may follow the brackets")
	}
	return validatePort(port)
}

func validatePort(port string) error {
	number, err := strconv.Atoi(port)
	if err != nil || !portPattern.MatchString(port) || number < 1 || number > 65535 {
		return errors.New("its port is not a number from 1 to 65535")
	}
	return nil
}
