package otlp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/secret"
)

// hush is a secret that appears in no error and no warning.
const hush = "hush"

// byDefault returns the default settings of a push to a target, with the test's
// change.
func byDefault(target string, change func(*otlp.Settings)) *otlp.Settings {
	settings := &otlp.Settings{
		Options: otlp.Options{
			Protocol: otlp.GRPC, Endpoint: otlp.Endpoint{Scheme: "http", Host: target}, Interval: time.Minute, Timeout: 10 * time.Second,
		},
		ReaderTimeout: 30 * time.Second,
	}
	if change != nil {
		change(settings)
	}
	return settings
}

func unchanged(*otlp.Settings) {}

func TestResolve(t *testing.T) {
	inFile := func() *otlp.Options {
		return &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "https", Host: "file:4317"}, Interval: 2 * time.Minute, Compression: "gzip"}
	}
	ofFile := byDefault("file:4317", func(s *otlp.Settings) { s.Endpoint.Scheme, s.Interval, s.Compression = "https", 2*time.Minute, "gzip" })
	const variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tests := map[string]struct {
		flags       otlp.Flags
		file        *otlp.Options
		environment map[string]string
		want        *otlp.Settings // nil: no push
	}{
		"nothing asks": {},
		"the file":     {file: inFile(), want: ofFile},
		"a flag":       {flags: otlp.Flags{Endpoint: "http://flag"}, want: byDefault("flag:4317", unchanged)},
		"a flag before the file, which says the rest": {
			flags: otlp.Flags{Endpoint: "http://flag:1", Interval: time.Second}, file: inFile(),
			want: byDefault("flag:1", func(s *otlp.Settings) { s.Interval, s.Compression = time.Second, "gzip" }),
		},
		"a variable":                       {environment: map[string]string{variable: "http://env:4317"}, want: byDefault("env:4317", unchanged)},
		"a variable for metrics only":      {environment: map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://env:4317"}, want: byDefault("env:4317", func(s *otlp.Settings) { s.Endpoint.Scheme = "https" })},
		"a variable with a socket":         {environment: map[string]string{variable: "unix:///run/otel.sock"}, want: byDefault("", func(s *otlp.Settings) { s.Endpoint = otlp.Endpoint{Scheme: "unix", Path: "/run/otel.sock"} })},
		"the file before a variable":       {file: inFile(), environment: map[string]string{variable: "http://env:4317"}, want: ofFile},
		"a variable without a scheme":      {environment: map[string]string{variable: "collector:4317"}, want: byDefault("collector:4317", func(s *otlp.Settings) { s.Endpoint.Scheme = "https" })},
		"the file before one malformed":    {file: inFile(), environment: map[string]string{variable: "grpc://collector:4317"}, want: ofFile},
		"metrics before all":               {environment: map[string]string{variable: "http://all:1", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://metrics:1"}, want: byDefault("metrics:1", unchanged)},
		"metrics before all one malformed": {environment: map[string]string{variable: "all", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://metrics:1"}, want: byDefault("metrics:1", unchanged)},
		"a variable and the rest in the file": {
			file: &otlp.Options{Interval: time.Second}, environment: map[string]string{variable: "http://env:4317"},
			want: byDefault("env:4317", func(s *otlp.Settings) { s.Interval = time.Second }),
		},
		"an exporter":              {environment: map[string]string{"OTEL_METRICS_EXPORTER": "otlp"}, want: byDefault("localhost:4317", unchanged)},
		"an exporter among others": {environment: map[string]string{"OTEL_METRICS_EXPORTER": "prometheus, otlp"}, want: byDefault("localhost:4317", unchanged)},
		"none":                     {file: inFile(), environment: map[string]string{"OTEL_METRICS_EXPORTER": "none"}},
		"disabled":                 {flags: otlp.Flags{Endpoint: "http://flag"}, environment: map[string]string{"OTEL_SDK_DISABLED": "True"}},
		"none, whatever else":      {environment: map[string]string{"OTEL_METRICS_EXPORTER": "none", variable: "x y", "OTEL_EXPORTER_OTLP_HEADERS": hush}},
		"disabled with a protocol": {flags: otlp.Flags{Endpoint: "http://flag", Protocol: "thrift"}, environment: map[string]string{"OTEL_SDK_DISABLED": " TRUE", "OTEL_METRIC_EXPORT_INTERVAL": "60s"}},
		"disabled, whatever else":  {environment: map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_METRICS_EXPORTER": "console", variable: "x y"}},
		"not disabled":             {file: inFile(), environment: map[string]string{"OTEL_SDK_DISABLED": "false"}, want: ofFile},
		"what is wrong with a push that is not asked for": {environment: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}},
		"times of variables": {
			environment: map[string]string{
				variable: "http://env:1", "OTEL_METRIC_EXPORT_INTERVAL": "5000", "OTEL_EXPORTER_OTLP_TIMEOUT": "2000", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "3000",
			},
			want: byDefault("env:1", func(s *otlp.Settings) {
				s.Interval, s.Timeout, s.ReaderTimeout = 5*time.Second, 3*time.Second, 23*time.Second
			}),
		},
		"time of a reader": {
			environment: map[string]string{variable: "http://env:1", "OTEL_METRIC_EXPORT_TIMEOUT": "4000"},
			want:        byDefault("env:1", func(s *otlp.Settings) { s.ReaderTimeout = 4 * time.Second }),
		},
		"times of the file before those of variables": {
			file: &otlp.Options{Timeout: time.Minute, Interval: time.Hour},
			environment: map[string]string{
				variable: "http://env:1", "OTEL_METRIC_EXPORT_INTERVAL": "soon", "OTEL_METRIC_EXPORT_TIMEOUT": "4000", "OTEL_EXPORTER_OTLP_TIMEOUT": "soon",
			},
			want: byDefault("env:1", func(s *otlp.Settings) {
				s.Interval, s.Timeout, s.ReaderTimeout = time.Hour, time.Minute, 80*time.Second
			}),
		},
		"headers": {
			environment: map[string]string{variable: "http://env:1", "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20hush, x=y"},
			want: byDefault("env:1", func(s *otlp.Settings) {
				s.Headers = map[string]secret.Value{"authorization": secret.New("Bearer hush"), "x": secret.New("y")}
			}),
		},
		"files of variables": {
			environment: map[string]string{
				variable: "https://env:1", "OTEL_EXPORTER_OTLP_CERTIFICATE": "files_test.go",
				"OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE": "rig_test.go", "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY": "push_test.go",
				"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "push.go",
			},
			want: byDefault("env:1", func(s *otlp.Settings) {
				s.Endpoint.Scheme, s.CAFile, s.CertFile, s.KeyFile = "https", "files_test.go", "rig_test.go", "push_test.go"
			}),
		},
		"files of the file before those of variables": {
			file: &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "https", Host: "file:1"}, CAFile: "ca.pem", CertFile: "cert.pem", KeyFile: "key.pem"},
			environment: map[string]string{
				"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/nowhere",
			},
			want: byDefault("file:1", func(s *otlp.Settings) {
				s.Endpoint.Scheme, s.CAFile, s.CertFile, s.KeyFile = "https", "ca.pem", "cert.pem", "key.pem"
			}),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have, err := otlp.Resolve(test.flags, test.file, func(name string) string { return test.environment[name] })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

// An interval of 60 is pushed as asked for, every 60 ms, but not without a word.
func TestIntervalInSecondsIsAWarning(t *testing.T) {
	for _, name := range []string{"OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"} {
		settings, err := otlp.Resolve(otlp.Flags{Endpoint: "http://flag"}, nil, func(asked string) string { return map[string]string{name: "60"}[asked] })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{name + ` is "60", which means milliseconds`}, settings.Warnings); diff != "" {
			t.Errorf("%s (-want +have)\n%s", name, diff)
		}
	}
}

// Variables that are meant for other programs do not stop an exporter that is
// configured otherwise.
func TestVariablesThatAreIgnored(t *testing.T) {
	const protocol = ` is ignored, and the push is over grpc; set --otlp.protocol, or protocol in section [otlp]`
	const scheme = ` is ignored: the scheme of the endpoint says whether TLS is used`
	file := &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "https", Host: "file:4317"}}
	tests := map[string]struct {
		flags       otlp.Flags
		file        *otlp.Options
		environment map[string]string
		secure      bool
		want        []string
	}{
		"another protocol with a flag": {
			flags: otlp.Flags{Endpoint: "http://flag"}, environment: map[string]string{"PROTOCOL": "thrift"},
			want: []string{`OTEL_EXPORTER_OTLP_PROTOCOL="thrift"` + protocol},
		},
		"another protocol with a file": {
			file: file, environment: map[string]string{"METRICS_PROTOCOL": "http/json"}, secure: true,
			want: []string{`OTEL_EXPORTER_OTLP_METRICS_PROTOCOL="http/json"` + protocol},
		},
		"the protocol for metrics before that for all": {
			environment: map[string]string{"ENDPOINT": "http://env:1", "METRICS_PROTOCOL": "grpc", "PROTOCOL": "http/protobuf"},
		},
		"insecure with TLS": {
			environment: map[string]string{"ENDPOINT": "https://env:1", "INSECURE": "true"}, secure: true,
			want: []string{`OTEL_EXPORTER_OTLP_INSECURE="true"` + scheme},
		},
		"secure in the clear": {
			environment: map[string]string{"METRICS_ENDPOINT": "http://env:1", "METRICS_INSECURE": "False"},
			want:        []string{`OTEL_EXPORTER_OTLP_METRICS_INSECURE="False"` + scheme},
		},
		"insecure in the clear": {environment: map[string]string{"ENDPOINT": "http://env:1", "INSECURE": "true"}},
		"insecure with a flag":  {flags: otlp.Flags{Endpoint: "flag"}, environment: map[string]string{"INSECURE": "true"}, secure: true, want: []string{`OTEL_EXPORTER_OTLP_INSECURE="true"` + scheme}},
		"another temporality": {
			environment: map[string]string{"ENDPOINT": "http://env:1", "METRICS_TEMPORALITY_PREFERENCE": "delta"},
			want:        []string{`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is "delta": Prometheus and VictoriaMetrics accept only cumulative counters`},
		},
		"another temporality in capitals": {
			flags: otlp.Flags{Endpoint: "http://flag"}, environment: map[string]string{"METRICS_TEMPORALITY_PREFERENCE": "LowMemory"},
			want: []string{`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is "LowMemory": Prometheus and VictoriaMetrics accept only cumulative counters`},
		},
		"the temporality that is wanted": {environment: map[string]string{"ENDPOINT": "http://env:1", "METRICS_TEMPORALITY_PREFERENCE": "Cumulative"}},
		"seconds for milliseconds": {
			environment: map[string]string{"ENDPOINT": "http://env:1", "TIMEOUT": "10"},
			want:        []string{`OTEL_EXPORTER_OTLP_TIMEOUT is "10", which means milliseconds`},
		},
		"seconds for milliseconds, for metrics": {
			environment: map[string]string{"ENDPOINT": "http://env:1", "METRICS_TIMEOUT": "999", "TIMEOUT": "1000"},
			want:        []string{`OTEL_EXPORTER_OTLP_METRICS_TIMEOUT is "999", which means milliseconds`},
		},
		"a second in milliseconds": {environment: map[string]string{"ENDPOINT": "http://env:1", "TIMEOUT": "1000"}},
		"all the rest with a file that says it": {
			file: &otlp.Options{
				Endpoint: file.Endpoint, Headers: map[string]secret.Value{"a": secret.New(hush)}, Compression: "gzip", Timeout: 1, Interval: 1,
			},
			environment: map[string]string{
				"ENDPOINT": "grpc://collector", "HEADERS": "Authorization: " + hush, "COMPRESSION": "zstd", "TIMEOUT": "10s",
			},
			secure: true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have, err := otlp.Resolve(test.flags, test.file, exporterVariables(test.environment))
			if err != nil {
				t.Fatal(err)
			}
			if secure := have.Endpoint.Scheme == "https"; secure != test.secure {
				t.Errorf("secure: want %v, have %v", test.secure, secure)
			}
			if diff := cmp.Diff(test.want, have.Warnings); diff != "" {
				t.Errorf("warnings (-want +have)\n%s", diff)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	tests := map[string]struct {
		flags otlp.Flags
		file  *otlp.Options
		name  string // of a variable
		value string
		want  []string // what the message names
	}{
		"an endpoint that is none":      {flags: otlp.Flags{Endpoint: "grpc://x"}, want: []string{"--otlp.endpoint", `"grpc"`, "https://HOST"}},
		"an interval to nowhere":        {flags: otlp.Flags{Interval: time.Second}, want: []string{"[otlp]", "--otlp.endpoint"}},
		"a section without an endpoint": {file: &otlp.Options{Interval: time.Second}, want: []string{"[otlp]", "--otlp.endpoint"}},
		"another exporter":              {name: "OTEL_METRICS_EXPORTER", value: "zipkin", want: []string{"zipkin", "otlp"}},
		"a URL with a password":         {name: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", value: "https://u:hush%zz@host", want: []string{"https://HOST"}},
		"a key for a protocol":          {name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "hushhushhushhushhushhushhushhush", want: []string{"32 bytes", "grpc"}},
		"another protocol":              {name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "thrift", want: []string{`"thrift"`, "grpc or http/protobuf"}},
		"JSON":                          {name: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", value: "http/json", want: []string{"http/json", "use http/protobuf", "grpc"}},
		"a protocol to nowhere":         {flags: otlp.Flags{Protocol: otlp.HTTP}, want: []string{"[otlp]", "--otlp.endpoint"}},
		"a path over gRPC":              {flags: otlp.Flags{Endpoint: "http://flag:4318/v1/metrics"}, want: []string{"has a path", "protocol = http/protobuf", "--otlp.protocol"}},
		"a path of the file over gRPC":  {file: &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "http", Host: "x", Path: "/x"}}, want: []string{"has a path"}},
		"a timeout with a unit":         {name: "OTEL_EXPORTER_OTLP_TIMEOUT", value: "10s", want: []string{"10s", "milliseconds"}},
		"an interval with a unit":       {name: "OTEL_METRIC_EXPORT_INTERVAL", value: "60s", want: []string{"60s", "milliseconds"}},
		"an interval of ages":           {name: "OTEL_METRIC_EXPORT_INTERVAL", value: "9223372036854775807", want: []string{"milliseconds"}},
		"no time at all":                {name: "OTEL_METRIC_EXPORT_TIMEOUT", value: "0", want: []string{`"0"`, "milliseconds"}},
		"a header without a value":      {name: "OTEL_EXPORTER_OTLP_HEADERS", value: "hush", want: []string{"name=value"}},
		"a header with a colon":         {name: "OTEL_EXPORTER_OTLP_HEADERS", value: "Authorization: Basic hush", want: []string{"name=value"}},
		"a padded header with a colon":  {name: "OTEL_EXPORTER_OTLP_METRICS_HEADERS", value: "Authorization: Basic hush==", want: []string{"name=value"}},
		"a header badly encoded":        {name: "OTEL_EXPORTER_OTLP_HEADERS", value: "a=hush%zz", want: []string{"name=value"}},
		"a header of two lines":         {name: "OTEL_EXPORTER_OTLP_HEADERS", value: "a=hush%0Ab", want: []string{"printable"}},
		"a file that is missing":        {name: "OTEL_EXPORTER_OTLP_CLIENT_KEY", value: "/nowhere", want: []string{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			asked := map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "https://127.0.0.1:4317"}
			if test.name == "" {
				asked = nil
			} else {
				asked[test.name] = test.value
			}
			_, err := otlp.Resolve(test.flags, test.file, func(name string) string { return asked[name] })
			if err == nil {
				t.Fatal("want an error")
			}
			for _, want := range append(test.want, test.name) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want it to name %q, have %v", want, err)
				}
			}
			if strings.Contains(err.Error(), hush) {
				t.Errorf("contains a secret: %v", err)
			}
		})
	}
}

// gRPC takes every proxy for one of HTTP, and would send its password in the clear.
func TestProxyThatGRPCCannotUse(t *testing.T) {
	tests := map[string]struct {
		proxy, exceptions, protocol string
		refused                     bool
	}{
		"none":               {"", "", otlp.GRPC, false},
		"of HTTP":            {"http://u:hush@proxy.example:3128", "", otlp.GRPC, false},
		"over TLS":           {"https://u:hush@proxy.example", "", otlp.GRPC, true},
		"of SOCKS":           {"socks5://u:hush@proxy.example", "", otlp.GRPC, true},
		"of SOCKS, not used": {"socks5://u:hush@proxy.example", "collector.example", otlp.GRPC, false},
		"of SOCKS over HTTP": {"socks5://u:hush@proxy.example", "", otlp.HTTP, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HTTPS_PROXY", test.proxy)
			t.Setenv("NO_PROXY", test.exceptions)
			settings, err := otlp.Resolve(otlp.Flags{Endpoint: "http://collector.example", Protocol: test.protocol}, nil, noEnvironment)
			if err != nil {
				t.Fatal(err)
			}
			_, err = otlp.New(t.Context(), settings, nil, new(log).logger())
			if refused := err != nil; refused != test.refused || refused && (!strings.Contains(err.Error(), "NO_PROXY") || strings.Contains(err.Error(), hush)) {
				t.Errorf("want it refused: %v, have %v", test.refused, err)
			}
		})
	}
}
