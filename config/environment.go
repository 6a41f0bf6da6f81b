package config

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OTLPFlags are those of the command line that say where to push. What is zero or
// empty is not given.
type OTLPFlags struct {
	Endpoint string
	Interval time.Duration
}

// ResolveOTLP returns what a push is to be made of, from the flags, then the file
// and then the standard variables, or nil if none of them asks for one. What it
// leaves zero or empty the SDK reads from the variables itself, which have been
// checked. An error names the flag, the key or the variable.
func ResolveOTLP(flags OTLPFlags, file *OTLP, getenv func(string) string) (*OTLP, error) {
	environment, err := readEnvironment(getenv)
	if err != nil || environment.disabled {
		return nil, err
	}
	var resolved OTLP
	if file != nil {
		resolved = *file
	}
	if flags.Endpoint != "" {
		if resolved.Endpoint, err = ParseOTLPEndpoint(flags.Endpoint); err != nil {
			return nil, fmt.Errorf("read --otlp.endpoint: %w", err)
		}
	}
	resolved.Interval = cmp.Or(flags.Interval, resolved.Interval)
	switch asked := resolved.Endpoint.Host != "" || environment.push; {
	case !asked && (file != nil || flags.Interval > 0):
		return nil, errors.New("push over OTLP: no endpoint configured; write endpoint into section [otlp], or name it with --otlp.endpoint")
	case !asked:
		return nil, nil
	}
	return &resolved, checkPushEnvironment(getenv)
}

// environment is what the standard variables of OpenTelemetry say.
type environment struct {
	disabled bool
	push     bool // is asked for
}

// readEnvironment reads OTEL_SDK_DISABLED, OTEL_METRICS_EXPORTER and the
// variables of the endpoint.
func readEnvironment(getenv func(string) string) (environment, error) {
	read := environment{
		disabled: strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true"),
		push:     getenv(exporterPrefix+"ENDPOINT") != "" || getenv(exporterPrefix+metricsInfix+"ENDPOINT") != "",
	}
	exporters := getenv("OTEL_METRICS_EXPORTER")
	for exporter := range strings.SplitSeq(exporters, ",") {
		switch strings.TrimSpace(exporter) {
		case "none":
			read.disabled = true
		case "otlp":
			read.push = true
		case "", "prometheus": // the Prometheus paths are always there
		default:
			return environment{}, fmt.Errorf("OTEL_METRICS_EXPORTER is %s; use otlp or none", quote(exporters))
		}
	}
	return read, nil
}

// checkPushEnvironment checks the variables that say how to push: the SDK passes
// over a value that it cannot read, with no more than a line in the log. The
// error names the variable.
func checkPushEnvironment(getenv func(string) string) error {
	for _, check := range checks() {
		if value := getenv(check.variable); value != "" && !check.valid(value) {
			return fmt.Errorf("%s is %s; %s", check.variable, check.show(value), check.wayOut)
		}
	}
	return nil
}

const (
	exporterPrefix = "OTEL_EXPORTER_OTLP_"
	metricsInfix   = "METRICS_"
)

// check is one rule for a variable.
type check struct {
	variable string
	valid    func(string) bool
	wayOut   string
	secret   bool // the value is not shown
}

func (c check) show(value string) string {
	if c.secret {
		return "malformed"
	}
	return quote(value)
}

// quote keeps an error to a readable length.
func quote(value string) string {
	if len(value) > 128 {
		return fmt.Sprintf("a value of %d bytes", len(value))
	}
	return strconv.Quote(value)
}

// checks returns the rules for each variable of the exporter, both for all signals
// and for metrics, and those of the reader.
func checks() []check {
	both := []check{
		{variable: "ENDPOINT", valid: isEndpoint, wayOut: "write a URL such as http://127.0.0.1:4317", secret: true},
		{variable: "PROTOCOL", valid: oneOf("grpc"), wayOut: "this exporter speaks grpc"},
		{variable: "COMPRESSION", valid: oneOf("gzip", "none"), wayOut: "use gzip or none"},
		{variable: "TIMEOUT", valid: isMilliseconds, wayOut: "write milliseconds"},
		{variable: "INSECURE", valid: oneOf("true", "false"), wayOut: "use true or false"},
		{variable: "HEADERS", valid: isHeaders, wayOut: "write name=value, percent-encoded, several with commas between them", secret: true},
		{variable: "CERTIFICATE", valid: isFile, wayOut: "name a file that can be read"},
		{variable: "CLIENT_CERTIFICATE", valid: isFile, wayOut: "name a file that can be read"},
		{variable: "CLIENT_KEY", valid: isFile, wayOut: "name a file that can be read"},
	}
	rules := []check{
		{variable: "OTEL_METRIC_EXPORT_INTERVAL", valid: isMilliseconds, wayOut: "write milliseconds"},
		{variable: "OTEL_METRIC_EXPORT_TIMEOUT", valid: isMilliseconds, wayOut: "write milliseconds"},
	}
	for _, rule := range both {
		for _, infix := range []string{"", metricsInfix} {
			named := rule
			named.variable = exporterPrefix + infix + rule.variable
			rules = append(rules, named)
		}
	}
	return rules
}

func oneOf(values ...string) func(string) bool {
	return func(value string) bool { return slices.Contains(values, strings.ToLower(value)) }
}

func isMilliseconds(value string) bool {
	number, err := strconv.Atoi(value)
	return err == nil && number > 0
}

// isEndpoint wants a URL: of HOST:PORT alone the SDK makes nothing.
func isEndpoint(value string) bool {
	parsed, err := url.Parse(value)
	switch {
	case err != nil:
		return false
	case parsed.Scheme == "unix":
		return parsed.Path != ""
	default:
		return (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Hostname() != ""
	}
}

func isHeaders(value string) bool {
	for element := range strings.SplitSeq(value, ",") {
		name, content, found := strings.Cut(element, "=")
		if _, err := url.PathUnescape(content); err != nil || !found || strings.TrimSpace(name) == "" {
			return false
		}
	}
	return true
}

func isFile(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	return file.Close() == nil
}
