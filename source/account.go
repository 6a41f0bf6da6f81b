package source

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// An Account is one set of credentials and what it is to watch.
type Account struct {
	Name      string   // "" for the only account
	SecretID  Secret   // the SecretId of a CAM API key
	SecretKey Secret   // the SecretKey of the same API key
	Token     Secret   // of temporary credentials; empty for permanent ones
	Regions   []string // at least one, none twice; see ValidateRegion
	Endpoint  Endpoint // the zero value is the SDK's own
}

// An Endpoint is where the CKafka API is reached. The zero value stands for
// the SDK's own default host.
type Endpoint struct {
	Scheme string // "https" or "http"
	Host   string // host or host:port, an IPv6 address in brackets; "" for the default
}

const (
	endpointForm = "write it as https://HOST, https://HOST:PORT, HOST or HOST:PORT"
	regionForm   = "write the API's name of one, such as ap-guangzhou"

	// longestQuote is how many bytes of a refused value an error repeats: a
	// real region or endpoint is shorter.
	longestQuote = 128
)

var (
	regionPattern = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)
	// Underscores are no part of a host name, but of many a container's.
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)
	portPattern = regexp.MustCompile(`^[0-9]{1,5}$`)
)

// ValidateRegion returns an error, which quotes region, unless it has the form
// of a Tencent Cloud region: ap-guangzhou, ap-shanghai-fsi, na-siliconvalley.
// Whether such a region exists is for the API to say.
func ValidateRegion(region string) error {
	if regionPattern.MatchString(region) && len(region) <= longestQuote {
		return nil
	}
	return fmt.Errorf("%s is not a region; %s", quote(region), regionForm)
}

// ParseEndpoint reads https://HOST[:PORT] or http://HOST[:PORT], either with
// one slash after it or none, or HOST[:PORT] alone, which means https. It
// refuses everything else that a URL may have. Its errors quote the value,
// but not where it may hold a password.
func ParseEndpoint(value string) (Endpoint, error) {
	if strings.ContainsAny(value, "@?#") {
		return Endpoint{}, errors.New("an endpoint has no user, password, query or fragment; " + endpointForm)
	}
	scheme, host, err := splitScheme(value)
	if err == nil {
		err = validateHostPort(host)
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("%s is not an endpoint: %w; %s", quote(value), err, endpointForm)
	}
	return Endpoint{Scheme: scheme, Host: host}, nil
}

// splitScheme returns the scheme and what follows it, less one closing slash.
func splitScheme(value string) (scheme, host string, err error) {
	scheme, host, found := strings.Cut(value, "://")
	if !found {
		return "https", value, nil
	}
	if scheme != "https" && scheme != "http" {
		return "", "", errors.New("its scheme is neither https nor http")
	}
	return scheme, strings.TrimSuffix(host, "/"), nil
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
	case !hostPattern.MatchString(host) || len(host) > longestQuote:
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
		return errors.New("what its brackets hold is not an IPv6 address")
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

// quote keeps an error to one line of a readable length.
func quote(value string) string {
	if len(value) > longestQuote {
		return fmt.Sprintf("a value of %d bytes", len(value))
	}
	return strconv.Quote(value)
}
