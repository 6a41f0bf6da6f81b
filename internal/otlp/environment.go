package otlp

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	exporterPrefix = "OTEL_EXPORTER_OTLP_"
	metricsInfix   = "METRICS_"
)

// environment reads standard variables of OpenTelemetry before the SDK does: the SDK
// ignores a value that it cannot parse.
type environment func(name string) string

// variable is a variable that is set, or the zero value.
type variable struct{ name, value string }

// get returns the variable of that name.
func (e environment) get(name string) variable {
	if value := strings.TrimSpace(e(name)); value != "" {
		return variable{name, value}
	}
	return variable{}
}

// exporter returns a variable of the OTLP exporter: the one for metrics if it is
// set, else the one for all signals.
func (e environment) exporter(suffix string) variable {
	return cmp.Or(e.get(exporterPrefix+metricsInfix+suffix), e.get(exporterPrefix+suffix))
}

// push reports whether the variables request a push, and whether they disable it.
func (e environment) push() (requested, disabled bool, err error) {
	if strings.EqualFold(e.get("OTEL_SDK_DISABLED").value, "true") {
		return false, true, nil
	}
	requested = e.exporter("ENDPOINT").name != ""
	exporters := e.get("OTEL_METRICS_EXPORTER")
	for name := range strings.SplitSeq(exporters.value, ",") {
		switch strings.TrimSpace(name) {
		case "none":
			disabled = true
		case "otlp":
			requested = true
		case "", "prometheus": // the Prometheus paths are always served
		default:
			return false, false, fmt.Errorf("%s is %s; use otlp or none", exporters.name, quote(exporters.value))
		}
	}
	return requested, disabled, nil
}

// endpoint returns the endpoint that the variables name, or the specification's
// default. Over HTTP the URL for metrics is used as it is, and the one for all
// signals is a base.
func (e environment) endpoint(protocol string) (Endpoint, error) {
	variable := e.exporter("ENDPOINT")
	if socket, ok := strings.CutPrefix(variable.value, "unix://"); ok && protocol == GRPC {
		return Endpoint{Scheme: "unix", Path: socket}, nil
	}
	var found Endpoint
	if variable.name != "" {
		var err error
		if found, err = ParseEndpoint(variable.value); err != nil {
			return Endpoint{}, fmt.Errorf("%s: %w", variable.name, err)
		}
	}
	switch {
	case protocol == GRPC && found.Path != "":
		return Endpoint{}, fmt.Errorf("%s: %w", variable.name, errPath)
	case protocol == GRPC:
		return Endpoint{Scheme: cmp.Or(found.Scheme, "http"), Host: cmp.Or(found.Host, "localhost")}, nil
	case found.Host == "":
		return Endpoint{Scheme: "http", Host: "localhost:" + httpPort, Path: metricsPath}, nil
	case strings.HasPrefix(variable.name, exporterPrefix+metricsInfix):
		found.Path = cmp.Or(found.Path, "/")
	default:
		found.Path = strings.TrimSuffix(found.Path, "/") + metricsPath
	}
	return found, nil
}

// read parses the value of a variable, or returns the zero value if it is not set.
// An error names the variable.
func read[T any](from variable, parse func(string) (T, error)) (value T, err error) {
	if from.name == "" {
		return value, nil
	}
	if value, err = parse(from.value); err != nil {
		return value, fmt.Errorf("%s %w", from.name, err)
	}
	return value, nil
}

// quote quotes a value for an error message, or gives only its length if it could
// be a key: a SecretKey has 32 characters.
func quote(value string) string {
	if len(value) >= 32 {
		return fmt.Sprintf("a value of %d bytes", len(value))
	}
	return strconv.Quote(value)
}

// parseMilliseconds parses a duration in milliseconds, greater than zero.
func parseMilliseconds(value string) (time.Duration, error) {
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number <= 0 || number > math.MaxInt64/int64(time.Millisecond) {
		return 0, fmt.Errorf("is %s; write milliseconds", quote(value))
	}
	return time.Duration(number) * time.Millisecond, nil
}
