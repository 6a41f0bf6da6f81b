package otlp

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// The defaults of the OpenTelemetry specification.
const (
	grpcPort    = "4317"
	defaultGRPC = "localhost:" + grpcPort
	defaultHTTP = "localhost:4318"
	metricsPath = "/v1/metrics"
)

// protocol finds the protocol. A variable that cannot be read is ignored if the
// endpoint is configured elsewhere: it is meant for other programs.
func (r *resolution) protocol() error {
	if r.settings.Protocol = r.given.Protocol; r.settings.Protocol != "" {
		return nil
	}
	variable := r.env.exporter("PROTOCOL")
	protocol, err := read(variable, ParseProtocol)
	if err != nil && r.given.Endpoint.Host != "" {
		r.warnf("%s=%s is passed over, and the push is over grpc; --otlp.protocol or protocol in section [otlp] says how to push", variable.name, quote(variable.value))
		err = nil
	}
	r.settings.Protocol = cmp.Or(protocol, GRPC)
	return err
}

// endpoint finds the collector. The scheme of its address decides whether TLS is
// used and, as the specification says, takes precedence over the variable INSECURE.
func (r *resolution) endpoint() error {
	if r.given.Endpoint.Host != "" {
		return r.givenEndpoint()
	}
	if err := r.endpointOfVariables(); err != nil {
		return err
	}
	insecure := r.env.exporter("INSECURE")
	value, err := read(insecure, oneOf("true", "false"))
	if err == nil && insecure.name != "" && (value == "true") == r.settings.Secure {
		r.warnf("%s=%s is passed over: the scheme of the endpoint says whether TLS is used", insecure.name, value)
	}
	return err
}

// givenEndpoint takes the endpoint of the flag or the file. Its path, if it has
// one, is used as it is.
func (r *resolution) givenEndpoint() error {
	given := r.given.Endpoint
	r.settings.Target, r.settings.Secure = given.Host, given.Scheme == "https"
	if r.settings.Protocol == HTTP {
		r.settings.Path = cmp.Or(given.Path, metricsPath)
		return nil
	}
	if given.Path != "" {
		return errors.New("push over OTLP: the endpoint has a path, and gRPC knows none; write protocol = http/protobuf (--otlp.protocol), or the endpoint without its path")
	}
	if _, _, err := net.SplitHostPort(given.Host); err != nil {
		r.settings.Target = net.JoinHostPort(strings.Trim(given.Host, "[]"), grpcPort)
	}
	return nil
}

func (r *resolution) endpointOfVariables() error {
	variable := r.env.exporter("ENDPOINT")
	if r.settings.Protocol == HTTP {
		parsed, err := read(variable, parseHTTPURL)
		r.settings.Target, r.settings.Secure = cmp.Or(parsed.target, defaultHTTP), parsed.secure
		r.settings.Path = cmp.Or(parsed.path, "/")
		// The URL for metrics is used as it is; the one for all signals is a base.
		if variable.name != exporterPrefix+metricsInfix+"ENDPOINT" {
			r.settings.Path = strings.TrimSuffix(parsed.path, "/") + metricsPath
		}
		return err
	}
	parsed, err := read(variable, parseURL)
	r.settings.Target, r.settings.Secure = cmp.Or(parsed.target, defaultGRPC), parsed.secure
	return err
}

// address is a collector: a target in gRPC's form, or a host and a path for HTTP.
type address struct {
	target string
	secure bool
	path   string
}

// parseURL parses the endpoint of a variable. Its error does not repeat the value,
// which may hold a password.
func parseURL(value string) (address, error) {
	parsed, err := url.Parse(value)
	switch {
	case err == nil && parsed.Scheme == "unix" && parsed.Path != "":
		return address{target: parsed.String()}, nil
	case err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Hostname() != "":
		return address{parsed.Host, parsed.Scheme == "https", parsed.EscapedPath()}, nil
	}
	return address{}, errors.New("is malformed; write a URL such as http://127.0.0.1:4317")
}

// parseHTTPURL is parseURL for HTTP, where no part of a URL is ignored.
func parseHTTPURL(value string) (address, error) {
	parsed, err := parseURL(value)
	switch {
	case err != nil || strings.HasPrefix(parsed.target, "unix:"):
		return address{}, errors.New("is malformed; write a URL such as http://127.0.0.1:4318")
	case strings.ContainsAny(value, "@?#"):
		return address{}, errors.New("has a user, a query or a fragment; write a URL such as http://127.0.0.1:4318, and a credential into " + exporterPrefix + "HEADERS")
	}
	return parsed, nil
}

// url returns where a push over HTTP goes.
func (s *Settings) url() (*url.URL, error) {
	parsed, err := url.Parse(s.Collector())
	if err != nil {
		return nil, fmt.Errorf("read the endpoint: %w", err)
	}
	return parsed, nil
}
