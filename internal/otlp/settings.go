package otlp

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// The specification's defaults.
const (
	defaultInterval = time.Minute
	defaultTimeout  = 10 * time.Second
	// collectTimeout is added to the timeout of a push for the collection before
	// it: by default, both together take 30 s.
	collectTimeout = 20 * time.Second
	// shortest is the shortest time in a variable that is probably meant.
	shortest    = time.Second
	grpcPort    = "4317"
	httpPort    = "4318"
	metricsPath = "/v1/metrics"
	logsPath    = "/v1/logs"
)

// Settings are what the flags, the file and the variables say together.
type Settings struct {
	Options
	// ReaderTimeout bounds a push including the collection before it.
	ReaderTimeout time.Duration
	// Warnings are lines for the log, about variables.
	Warnings []string
}

// Resolve returns the settings of a push, from the flags, then the file, then the
// standard variables, or nil if none of them requests one. A variable is checked
// only if it is used. An error names the flag, the key or the variable.
func Resolve(flags Flags, file *Options, getenv func(string) string) (*Settings, error) {
	env := environment(getenv)
	requested, disabled, err := env.push()
	if err != nil || disabled {
		return nil, err
	}
	given, err := flags.withDefaults(file)
	if err != nil {
		return nil, err
	}
	switch requested = requested || given.Endpoint.Host != ""; {
	case !requested && (file != nil || flags.Interval > 0 || flags.Protocol != "" || flags.Logs):
		return nil, errors.New("push over OTLP: no endpoint configured; set endpoint in section [otlp], or --otlp.endpoint")
	case !requested:
		return nil, nil
	}
	settings := &Settings{Options: given}
	for _, complete := range []func(environment) error{
		settings.completeProtocol, settings.completeEndpoint, settings.checkLogs, settings.completeFiles, settings.completeHeaders, settings.completeTimes,
	} {
		if err := complete(env); err != nil {
			return nil, err
		}
	}
	settings.warnOfVariables(env)
	return settings, nil
}

// withDefaults returns what the flags say, and what the file says where they say
// nothing. The file may be nil.
func (f Flags) withDefaults(file *Options) (Options, error) {
	var given Options
	if file != nil {
		given = *file
	}
	given.Interval = cmp.Or(f.Interval, given.Interval)
	given.Protocol = cmp.Or(f.Protocol, given.Protocol)
	given.Logs = f.Logs || given.Logs
	if f.Endpoint == "" {
		return given, nil
	}
	var err error
	if given.Endpoint, err = ParseEndpoint(f.Endpoint); err != nil {
		return Options{}, fmt.Errorf("read --otlp.endpoint: %w", err)
	}
	return given, nil
}

// Collector returns the URL that the pushes go to, for the log.
func (s *Settings) Collector() string {
	return s.Endpoint.Scheme + "://" + s.Endpoint.Host + s.Endpoint.Path
}

func (s *Settings) secure() bool { return s.Endpoint.Scheme == "https" }

// completeProtocol ignores a variable that cannot be parsed if the endpoint is
// configured elsewhere: it is meant for other programs.
func (s *Settings) completeProtocol(env environment) (err error) {
	if s.Protocol != "" {
		return nil
	}
	variable := env.exporter("PROTOCOL")
	s.Protocol, err = read(variable, ParseProtocol)
	if err != nil && s.Endpoint.Host != "" {
		s.warnf("%s=%s is ignored, and the push is over grpc; set --otlp.protocol, or protocol in section [otlp]", variable.name, quote(variable.value))
		err = nil
	}
	s.Protocol = cmp.Or(s.Protocol, GRPC)
	return err
}

var errPath = errors.New("the endpoint has a path, which gRPC does not use; write protocol = http/protobuf (--otlp.protocol), or remove the path")

// completeEndpoint adds the port of gRPC or the path of HTTP. The path of a flag or
// the file is complete.
func (s *Settings) completeEndpoint(env environment) (err error) {
	switch {
	case s.Endpoint.Host == "":
		s.Endpoint, err = env.endpoint(s.Protocol)
	case s.Protocol == HTTP:
		s.Endpoint.Path = cmp.Or(s.Endpoint.Path, metricsPath)
	case s.Endpoint.Path != "":
		err = fmt.Errorf("push over OTLP: %w", errPath)
	}
	if _, _, noPort := net.SplitHostPort(s.Endpoint.Host); noPort != nil && s.Protocol == GRPC && s.Endpoint.Scheme != "unix" {
		s.Endpoint.Host = net.JoinHostPort(strings.Trim(s.Endpoint.Host, "[]"), grpcPort)
	}
	return err
}

// checkLogs refuses a path that is not a collector's: Prometheus and VictoriaMetrics, which
// have paths of their own, take no log records.
func (s *Settings) checkLogs(environment) error {
	if s.Logs && s.Protocol == HTTP && s.Endpoint.Path != metricsPath {
		return fmt.Errorf("push over OTLP: log records go to %s of a collector, and this endpoint has a path of its own, %s, as Prometheus and VictoriaMetrics have, which take no log records; "+
			"push to a collector at http://HOST:%s, or remove logs from section [otlp] and --otlp.logs", logsPath, s.Endpoint.Path, httpPort)
	}
	return nil
}

// completeFiles adds the certificate files of the variables, if TLS is used. A
// certificate and its key come from the same source.
func (s *Settings) completeFiles(env environment) error {
	if !s.secure() {
		if s.CAFile != "" || s.CertFile != "" || s.KeyFile != "" {
			return errors.New("push over OTLP: ca_file, cert_file and key_file need an https endpoint, and this one is " + s.Collector())
		}
		return nil
	}
	s.CAFile = cmp.Or(s.CAFile, env.exporter("CERTIFICATE").value)
	names := "cert_file and key_file"
	for _, prefix := range []string{exporterPrefix + metricsInfix, exporterPrefix} {
		if s.CertFile == "" && s.KeyFile == "" {
			names = prefix + "CLIENT_CERTIFICATE and " + prefix + "CLIENT_KEY"
			s.CertFile, s.KeyFile = env.get(prefix+"CLIENT_CERTIFICATE").value, env.get(prefix+"CLIENT_KEY").value
		}
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		return errors.New("push over OTLP: " + names + " belong together; set both or neither")
	}
	return nil
}

func (s *Settings) completeHeaders(env environment) (err error) {
	if len(s.Headers) == 0 {
		s.Headers, err = read(env.exporter("HEADERS"), parseEncodedHeaders)
	}
	return err
}

func (s *Settings) completeTimes(env environment) error {
	var failures [3]error
	if s.Interval == 0 {
		s.Interval, failures[0] = read(env.get("OTEL_METRIC_EXPORT_INTERVAL"), parseMilliseconds)
	}
	if s.Timeout == 0 {
		s.Timeout, failures[1] = read(env.exporter("TIMEOUT"), parseMilliseconds)
		s.ReaderTimeout, failures[2] = read(env.get("OTEL_METRIC_EXPORT_TIMEOUT"), parseMilliseconds)
	}
	s.Interval, s.Timeout = cmp.Or(s.Interval, defaultInterval), cmp.Or(s.Timeout, defaultTimeout)
	s.ReaderTimeout = cmp.Or(s.ReaderTimeout, s.Timeout+collectTimeout)
	return cmp.Or(failures[:]...)
}

func (s *Settings) warnOfVariables(env environment) {
	if insecure := env.exporter("INSECURE"); insecure.name != "" && strings.EqualFold(insecure.value, "true") == s.secure() {
		s.warnf("%s=%s is ignored: the scheme of the endpoint says whether TLS is used", insecure.name, quote(insecure.value))
	}
	for _, time := range []variable{env.get("OTEL_METRIC_EXPORT_INTERVAL"), env.exporter("TIMEOUT"), env.get("OTEL_METRIC_EXPORT_TIMEOUT")} {
		if duration, err := parseMilliseconds(time.value); err == nil && duration < shortest {
			s.warnf("%s is %s, which means milliseconds", time.name, quote(time.value))
		}
	}
	temporality := env.get(exporterPrefix + "METRICS_TEMPORALITY_PREFERENCE")
	if temporality.name != "" && !strings.EqualFold(temporality.value, "cumulative") {
		s.warnf("%s is %s: Prometheus and VictoriaMetrics accept only cumulative counters", temporality.name, quote(temporality.value))
	}
}

func (s *Settings) warnf(format string, args ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...))
}
