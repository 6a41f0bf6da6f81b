package otlp_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/otlp"
)

// overHTTP returns the settings of a push to a path.
func overHTTP(target, path string, change func(*otlp.Settings)) *otlp.Settings {
	settings := byDefault(target, change)
	settings.Protocol, settings.Endpoint.Path = otlp.HTTP, path
	return settings
}

// Over HTTP an endpoint has a path, and each source of it has its own rule.
func TestResolveOverHTTP(t *testing.T) {
	const metrics = "/v1/metrics"
	secure := func(s *otlp.Settings) { s.Endpoint.Scheme = "https" }
	inFile := func(scheme, host, path string) *otlp.Options {
		return &otlp.Options{Endpoint: otlp.Endpoint{Scheme: scheme, Host: host, Path: path}, Protocol: otlp.HTTP}
	}
	tests := map[string]struct {
		flags       otlp.Flags
		file        *otlp.Options
		environment map[string]string
		want        *otlp.Settings
	}{
		"the file":                       {file: inFile("http", "file:4318", ""), want: overHTTP("file:4318", metrics, nil)},
		"the file with a path":           {file: inFile("https", "file", "/api/v1/otlp/v1/metrics"), want: overHTTP("file", "/api/v1/otlp/v1/metrics", secure)},
		"a flag":                         {flags: otlp.Flags{Endpoint: "http://flag", Protocol: otlp.HTTP}, want: overHTTP("flag", metrics, nil)},
		"a flag with a path":             {flags: otlp.Flags{Endpoint: "flag:8428/opentelemetry/v1/metrics", Protocol: otlp.HTTP}, want: overHTTP("flag:8428", "/opentelemetry/v1/metrics", secure)},
		"a flag with a slash":            {flags: otlp.Flags{Endpoint: "http://flag/", Protocol: otlp.HTTP}, want: overHTTP("flag", metrics, nil)},
		"a protocol of a flag":           {flags: otlp.Flags{Protocol: otlp.GRPC}, file: inFile("http", "file:1", ""), want: byDefault("file:1", nil)},
		"a protocol of a flag for file":  {flags: otlp.Flags{Protocol: otlp.HTTP}, file: &otlp.Options{Endpoint: otlp.Endpoint{Scheme: "http", Host: "file:1"}}, want: overHTTP("file:1", metrics, nil)},
		"a variable for a flag":          {flags: otlp.Flags{Endpoint: "http://flag:1"}, environment: map[string]string{"PROTOCOL": "http/protobuf"}, want: overHTTP("flag:1", metrics, nil)},
		"the file before a variable":     {file: inFile("http", "file:1", ""), environment: map[string]string{"METRICS_PROTOCOL": "grpc"}, want: overHTTP("file:1", metrics, nil)},
		"the file before JSON":           {file: inFile("http", "file:1", ""), environment: map[string]string{"METRICS_PROTOCOL": "http/json"}, want: overHTTP("file:1", metrics, nil)},
		"variables":                      {environment: map[string]string{"PROTOCOL": "http/protobuf", "ENDPOINT": "http://env:4318"}, want: overHTTP("env:4318", metrics, nil)},
		"variables in capitals":          {environment: map[string]string{"PROTOCOL": "HTTP/Protobuf", "ENDPOINT": "http://env:4318/"}, want: overHTTP("env:4318", metrics, nil)},
		"a base":                         {environment: map[string]string{"PROTOCOL": "http/protobuf", "ENDPOINT": "https://env/api/v1/otlp"}, want: overHTTP("env", "/api/v1/otlp/v1/metrics", secure)},
		"a base that ends in a slash":    {environment: map[string]string{"PROTOCOL": "http/protobuf", "ENDPOINT": "http://env/otlp/"}, want: overHTTP("env", "/otlp/v1/metrics", nil)},
		"a URL for metrics, as it is":    {environment: map[string]string{"METRICS_PROTOCOL": "http/protobuf", "METRICS_ENDPOINT": "http://env/otlp/"}, want: overHTTP("env", "/otlp/", nil)},
		"a URL for metrics, without one": {environment: map[string]string{"METRICS_PROTOCOL": "http/protobuf", "METRICS_ENDPOINT": "http://env:4318"}, want: overHTTP("env:4318", "/", nil)},
		"the protocol for metrics wins":  {environment: map[string]string{"PROTOCOL": "http/protobuf", "METRICS_PROTOCOL": "grpc", "ENDPOINT": "http://env:1"}, want: byDefault("env:1", nil)},
		"an exporter and a protocol":     {environment: map[string]string{"PROTOCOL": "http/protobuf", "exporter": "otlp"}, want: overHTTP("localhost:4318", metrics, nil)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			getenv := exporterVariables(test.environment)
			have, err := otlp.Resolve(test.flags, test.file, func(name string) string {
				if name == "OTEL_METRICS_EXPORTER" {
					return test.environment["exporter"]
				}
				return getenv(name)
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

// An endpoint of a variable is refused by the same rules as any other, and the error
// does not repeat it.
func TestEndpointsOfVariablesThatAreRefused(t *testing.T) {
	for _, value := range []string{
		"http://u:hush@env:4318", "http://env:4318/?token=hush", "http://env:4318/#hush", "http://env/%zzhush", "grpc://hush", "http://env//hush",
	} {
		overBoth(t, func(t *testing.T, over protocol) {
			for _, name := range []string{"ENDPOINT", "METRICS_ENDPOINT"} {
				requireRefused(t, over, name, value)
			}
		})
	}
	requireRefused(t, otlp.HTTP, "ENDPOINT", "unix:///run/hush.sock")
	requireRefused(t, otlp.GRPC, "ENDPOINT", "http://env:4318/hush")
	requireRefused(t, otlp.GRPC, "METRICS_ENDPOINT", "https://env/v1/metrics")
}

// requireRefused requires that the endpoint of a variable is refused.
func requireRefused(t *testing.T, over protocol, name, value string) {
	t.Helper()
	_, err := otlp.Resolve(otlp.Flags{}, nil, exporterVariables(map[string]string{"PROTOCOL": string(over), name: value}))
	if err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_"+name+": ") || strings.Contains(err.Error(), hush) {
		t.Errorf("%s: want an error that names the variable, have %v", value, err)
	}
}

func TestParseEndpoint(t *testing.T) {
	for value, want := range map[string]otlp.Endpoint{
		"http://127.0.0.1:4317":                    {Scheme: "http", Host: "127.0.0.1:4317"},
		"collector":                                {Scheme: "https", Host: "collector"},
		"https://[::1]:1/":                         {Scheme: "https", Host: "[::1]:1"},
		"http://p:9090/api/v1/otlp/v1/metrics":     {Scheme: "http", Host: "p:9090", Path: "/api/v1/otlp/v1/metrics"},
		"vm/insert/42:7/opentelemetry/v1/metrics/": {Scheme: "https", Host: "vm", Path: "/insert/42:7/opentelemetry/v1/metrics/"},
	} {
		if have, err := otlp.ParseEndpoint(value); err != nil || have != want {
			t.Errorf("%s: want %v, have %v and %v", value, want, have, err)
		}
	}
	for _, value := range []string{
		"", "/v1/metrics", "http:///v1/metrics", "http://h//v1", "http://h/v1//metrics", "http://h/hush?hush=hush", "http://h?hush", "http://h/hush#hush",
		"http://hush@h/v1", "http://h/hush@h", "http://h/hush hush", "http://h/hush\nhush", "grpc://h/v1",
	} {
		have, err := otlp.ParseEndpoint(value)
		if err == nil || !strings.Contains(err.Error(), "write it as https://HOST") || strings.Contains(err.Error(), hush) {
			t.Errorf("%q: want an error with a remedy, have %v and %v", value, have, err)
		}
	}
}

// The collector is logged as it is reached.
func TestCollector(t *testing.T) {
	const variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tests := map[string]struct {
		flag, variable string
		want           string
	}{
		"a flag":                  {flag: "http://127.0.0.1:4317", want: "http://127.0.0.1:4317"},
		"a host, over TLS":        {flag: "collector", want: "https://collector:4317"},
		"a variable":              {variable: "https://collector:4318", want: "https://collector:4318"},
		"a variable with a slash": {variable: "http://collector:4317/", want: "http://collector:4317"},
		"a variable without port": {variable: "http://collector", want: "http://collector:4317"},
		"IPv6 without a port":     {variable: "http://[::1]", want: "http://[::1]:4317"},
		"a host of a variable":    {variable: "localhost", want: "https://localhost:4317"},
		"a socket":                {variable: "unix:///run/collector.sock", want: "unix:///run/collector.sock"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			getenv := func(name string) string { return map[string]string{variable: test.variable}[name] }
			settings, err := otlp.Resolve(otlp.Flags{Endpoint: test.flag}, nil, getenv)
			if err != nil {
				t.Fatal(err)
			}
			if have := settings.Collector(); have != test.want {
				t.Errorf("want %s, have %s", test.want, have)
			}
		})
	}
}
