package endpoint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/endpoint"
)

func TestParse(t *testing.T) {
	for value, want := range map[string]endpoint.Endpoint{
		"https://ckafka.tencentcloudapi.com":  {Scheme: "https", Host: "ckafka.tencentcloudapi.com"},
		"https://ckafka.tencentcloudapi.com/": {Scheme: "https", Host: "ckafka.tencentcloudapi.com"},
		"ckafka.internal.tencentcloudapi.com": {Scheme: "https", Host: "ckafka.internal.tencentcloudapi.com"},
		"http://127.0.0.1:8080":               {Scheme: "http", Host: "127.0.0.1:8080"},
		"HTTP://host":                         {Scheme: "http", Host: "host"},
		"localhost:8443":                      {Scheme: "https", Host: "localhost:8443"},
		"http://api_mock:80/":                 {Scheme: "http", Host: "api_mock:80"},
		"https://[::1]":                       {Scheme: "https", Host: "[::1]"},
		"[2001:db8::1]:443":                   {Scheme: "https", Host: "[2001:db8::1]:443"},
		"http://xn--fiqs8s.example:65535":     {Scheme: "http", Host: "xn--fiqs8s.example:65535"},
	} {
		have, err := endpoint.Parse(value)
		if diff := cmp.Diff(want, have); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +have)\n%s", value, err, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for value, want := range map[string]string{
		"":                       "no host",
		"https://":               "no host",
		"https:///":              "no host",
		"https://:443":           "no host",
		":443":                   "no host",
		"https://host//":         "path",
		"https://host/v1":        "path",
		"host/":                  "path",
		"//host":                 "path",
		"https:/host":            "path",
		"ftp://host":             "scheme",
		"://host":                "scheme",
		"https://host?a=b":       "query",
		"https://host#a":         "fragment",
		"https://ho st":          "host name",
		" host":                  "host name",
		"host\n":                 "host name",
		"-host":                  "host name",
		"host-":                  "host name",
		"host.":                  "host name",
		"a..b":                   "host name",
		"主机":                     "host name",
		"`host`":                 "host name",
		"host:":                  "port",
		"host:0":                 "port",
		"host:65536":             "port",
		"host:+80":               "port",
		"host:http":              "port",
		"host:80 ":               "port",
		"::1":                    "no host",
		"fe80::1":                "brackets",
		"[::1":                   "brackets",
		"[::1]x":                 "brackets",
		"[::1]:":                 "port",
		"[]":                     "IPv6",
		"[1.2.3.4]":              "IPv6",
		"[fe80::1%eth0]":         "IPv6",
		strings.Repeat("a", 200): "host name",
	} {
		have, err := endpoint.Parse(value)
		if err == nil || have != (endpoint.Endpoint{}) {
			t.Errorf("%q: have %v, %v", value, have, err)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "HOST:PORT") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: want %q, have %v", value, want, err)
		}
	}
}

func TestParseShowsNoPassword(t *testing.T) {
	for _, value := range []string{
		"https://user:hush@host", "https://hush@host/path", "user:hush@host", "https://host?secret=hush", "ftp://user:hu sh@host", "https://user:hush%zz@host",
		"https://user:hush%40host", "https://hush hush", "AKIDhush/hush",
	} {
		_, err := endpoint.Parse(value)
		if err == nil || strings.Contains(err.Error(), "hu") {
			t.Errorf("%s: have %v", value, err)
		}
	}
}
