package otlp

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	exporterPrefix = "OTEL_EXPORTER_OTLP_"
	metricsInfix   = "METRICS_"
)

// environment reads the standard variables of OpenTelemetry.
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
	if forMetrics := e.get(exporterPrefix + metricsInfix + suffix); forMetrics.name != "" {
		return forMetrics
	}
	return e.get(exporterPrefix + suffix)
}

// wants reports whether the variables ask for a push, and whether they forbid one.
func (e environment) wants() (asked, forbidden bool, err error) {
	asked = e.exporter("ENDPOINT").name != ""
	forbidden = strings.EqualFold(e.get("OTEL_SDK_DISABLED").value, "true")
	exporters := e.get("OTEL_METRICS_EXPORTER")
	for name := range strings.SplitSeq(exporters.value, ",") {
		switch strings.TrimSpace(name) {
		case "none":
			forbidden = true
		case "otlp":
			asked = true
		case "", "prometheus": // the Prometheus paths are always there
		default:
			return false, false, fmt.Errorf("%s is %s; use otlp or none", exporters.name, quote(exporters.value))
		}
	}
	return asked, forbidden, nil
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

// oneOf returns a parser that accepts one of the values and returns it in lower
// case.
func oneOf(values ...string) func(string) (string, error) {
	return func(value string) (string, error) {
		if known := strings.ToLower(value); slices.Contains(values, known) {
			return known, nil
		}
		return "", fmt.Errorf("is %s; use %s", quote(value), strings.Join(values, " or "))
	}
}

// parseMilliseconds parses a duration in milliseconds, greater than zero.
func parseMilliseconds(value string) (time.Duration, error) {
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number <= 0 || number > math.MaxInt64/int64(time.Millisecond) {
		return 0, fmt.Errorf("is %s; write milliseconds", quote(value))
	}
	return time.Duration(number) * time.Millisecond, nil
}
