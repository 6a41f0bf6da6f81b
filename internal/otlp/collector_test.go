package otlp_test

import (
	"testing"

	"datahub_exporter/internal/otlp"
)

func TestCollector(t *testing.T) {
	const variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tests := map[string]struct {
		flag, variable string
		want           string
	}{
		"a flag":                  {flag: "http://127.0.0.1:4317", want: "http://127.0.0.1:4317"},
		"a host, over TLS":        {flag: "collector", want: "https://collector:4317"},
		"a variable":              {variable: "https://collector:4318", want: "https://collector:4318"},
		"a variable with a path":  {variable: "http://collector:4317/path", want: "http://collector:4317"},
		"a variable without port": {variable: "http://collector", want: "http://collector:4317"},
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
