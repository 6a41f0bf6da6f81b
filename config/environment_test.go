package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/config"
	"datahub_exporter/endpoint"
)

func at(scheme, host string) endpoint.Endpoint {
	return endpoint.Endpoint{Scheme: scheme, Host: host}
}

func TestResolveOTLP(t *testing.T) {
	inFile := &config.OTLP{Endpoint: at("https", "file:4317"), Interval: time.Minute, Compression: "gzip"}
	const variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tests := map[string]struct {
		flags       config.OTLPFlags
		file        *config.OTLP
		environment map[string]string
		want        *config.OTLP // nil: no push
	}{
		"nothing asks": {},
		"the file":     {file: inFile, want: inFile},
		"a flag":       {flags: config.OTLPFlags{Endpoint: "http://flag"}, want: &config.OTLP{Endpoint: at("http", "flag:4317")}},
		"a flag before the file, which says the rest": {
			flags: config.OTLPFlags{Endpoint: "http://flag:1", Interval: time.Second}, file: inFile,
			want: &config.OTLP{Endpoint: at("http", "flag:1"), Interval: time.Second, Compression: "gzip"},
		},
		"a variable, which the SDK reads itself": {environment: map[string]string{variable: "http://env:4317"}, want: &config.OTLP{}},
		"a variable for metrics only":            {environment: map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://env:4317"}, want: &config.OTLP{}},
		"the file before a variable":             {file: inFile, environment: map[string]string{variable: "http://env:4317"}, want: inFile},
		"a variable and the rest in the file": {
			file: &config.OTLP{Interval: time.Second}, environment: map[string]string{variable: "http://env:4317"},
			want: &config.OTLP{Interval: time.Second},
		},
		"an exporter":              {environment: map[string]string{"OTEL_METRICS_EXPORTER": "otlp"}, want: &config.OTLP{}},
		"an exporter among others": {environment: map[string]string{"OTEL_METRICS_EXPORTER": "prometheus, otlp"}, want: &config.OTLP{}},
		"none":                     {file: inFile, environment: map[string]string{"OTEL_METRICS_EXPORTER": "none"}},
		"disabled":                 {flags: config.OTLPFlags{Endpoint: "http://flag"}, environment: map[string]string{"OTEL_SDK_DISABLED": "True"}},
		"not disabled":             {file: inFile, environment: map[string]string{"OTEL_SDK_DISABLED": "false"}, want: inFile},
		"what is wrong with a push that is not asked for": {environment: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have, err := config.ResolveOTLP(test.flags, test.file, func(name string) string { return test.environment[name] })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

func TestResolveOTLPRefuses(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pem")
	tests := map[string]struct {
		flags config.OTLPFlags
		file  *config.OTLP
		name  string // of a variable
		value string
		want  []string // what the message names
	}{
		"an endpoint that is none":      {flags: config.OTLPFlags{Endpoint: "grpc://x"}, want: []string{"--otlp.endpoint", `"grpc"`, "https://HOST"}},
		"an interval to nowhere":        {flags: config.OTLPFlags{Interval: time.Second}, want: []string{"[otlp]", "--otlp.endpoint"}},
		"a section without an endpoint": {file: &config.OTLP{Interval: time.Second}, want: []string{"[otlp]", "--otlp.endpoint"}},
		"another exporter":              {name: "OTEL_METRICS_EXPORTER", value: "zipkin", want: []string{"zipkin", "otlp"}},
		"no URL":                        {name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "collector:4317", want: []string{"http://127.0.0.1:4317"}},
		"another protocol":              {name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf", want: []string{"http/protobuf", "grpc"}},
		"another protocol for metrics":  {name: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", value: "http/json", want: []string{"http/json"}},
		"another compression":           {name: "OTEL_EXPORTER_OTLP_COMPRESSION", value: "zstd", want: []string{"zstd", "gzip"}},
		"a timeout with a unit":         {name: "OTEL_EXPORTER_OTLP_TIMEOUT", value: "10s", want: []string{"10s", "milliseconds"}},
		"an interval with a unit":       {name: "OTEL_METRIC_EXPORT_INTERVAL", value: "60s", want: []string{"60s", "milliseconds"}},
		"no time at all":                {name: "OTEL_METRIC_EXPORT_TIMEOUT", value: "0", want: []string{`"0"`, "milliseconds"}},
		"neither true nor false":        {name: "OTEL_EXPORTER_OTLP_INSECURE", value: "yes", want: []string{"yes", "true"}},
		"a header without a value":      {name: "OTEL_EXPORTER_OTLP_HEADERS", value: "hush", want: []string{"name=value"}},
		"a header badly encoded":        {name: "OTEL_EXPORTER_OTLP_HEADERS", value: "a=hush%zz", want: []string{"name=value"}},
		"a file that is missing":        {name: "OTEL_EXPORTER_OTLP_CERTIFICATE", value: missing, want: []string{"missing.pem"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			asked := map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4317"}
			if test.name == "" {
				asked = nil
			} else {
				asked[test.name] = test.value
			}
			_, err := config.ResolveOTLP(test.flags, test.file, func(name string) string { return asked[name] })
			if err == nil {
				t.Fatal("want an error")
			}
			for _, want := range append(test.want, test.name) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want it to name %q, have %v", want, err)
				}
			}
			if strings.Contains(err.Error(), hush) {
				t.Errorf("tells a secret: %v", err)
			}
		})
	}
}

func TestResolveOTLPTakesWhatTheSDKTakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
		"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20hush,x=y", "OTEL_EXPORTER_OTLP_TIMEOUT": "10000",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_CERTIFICATE": file,
		"OTEL_METRIC_EXPORT_INTERVAL": "60000", "OTEL_METRIC_EXPORT_TIMEOUT": "30000",
	}
	if _, err := config.ResolveOTLP(config.OTLPFlags{}, nil, func(name string) string { return environment[name] }); err != nil {
		t.Error(err)
	}
}
