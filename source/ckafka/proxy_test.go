package ckafka_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"datahub_exporter/source/ckafka"
)

func TestCheckProxy(t *testing.T) {
	tests := map[string]struct {
		variable, value string
		bad             bool
	}{
		"none":                     {},
		"a URL":                    {"HTTPS_PROXY", "http://proxy.example:3128", false},
		"a user":                   {"HTTPS_PROXY", "http://user:" + planted + "@proxy.example:3128/", false},
		"SOCKS":                    {"http_proxy", "socks5h://[::1]:1080", false},
		"a host":                   {"https_proxy", "proxy.example", false},
		"a host and a port":        {"HTTP_PROXY", "10.0.0.1:3128", false},
		"a space":                  {"HTTPS_PROXY", "http://user:" + planted + "@proxy example", true},
		"a stray percent":          {"HTTPS_PROXY", "http://user:" + planted + "%@proxy.example", true},
		"a port that is none":      {"http_proxy", "http://proxy.example:" + planted, true},
		"a port too large":         {"HTTP_PROXY", "proxy.example:65536", true},
		"port zero":                {"HTTP_PROXY", "proxy.example:0", true},
		"a scheme of no proxy":     {"https_proxy", "ftp://proxy.example", true},
		"no host":                  {"HTTPS_PROXY", "http://:3128", true},
		"a path alone":             {"HTTPS_PROXY", "/" + planted, true},
		"a scheme without slashes": {"HTTPS_PROXY", "http:proxy.example", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := ckafka.CheckProxy(func(variable string) string {
				if variable == test.variable {
					return test.value
				}
				return ""
			})
			switch {
			case !test.bad && err != nil:
				t.Errorf("want no error, have %v", err)
			case test.bad && (err == nil || !strings.HasPrefix(err.Error(), test.variable+" is not the address of a proxy; write it as http://HOST:PORT")):
				t.Errorf("want an error that names %s, have %v", test.variable, err)
			case test.bad && strings.Contains(err.Error(), planted):
				t.Errorf("the error repeats the value: %v", err)
			}
		})
	}
	both := map[string]string{"HTTPS_PROXY": "http://proxy.example", "https_proxy": "http://:0"}
	if err := ckafka.CheckProxy(func(variable string) string { return both[variable] }); err != nil {
		t.Errorf("a variable that is not used: want no error, have %v", err)
	}
}

// net/http reads the variables only once per process, so this test runs in a
// process of its own.
func TestMetadataServiceBypassesTheProxy(t *testing.T) {
	const inner = "TEST_OF_PROXY"
	if os.Getenv(inner) == "" {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMetadataServiceBypassesTheProxy$")
		command.Env = append(os.Environ(), inner+"=1", "HTTP_PROXY=http://proxy.example:3128", "http_proxy=", "NO_PROXY=", "no_proxy=")
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, output)
		}
		return
	}
	for url, want := range map[string]bool{
		"http://metadata.tencentyun.com/latest/meta-data/": false,
		"http://sts.tencentcloudapi.com/":                  true,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		proxy, err := ckafka.NewTransport().Proxy(request)
		if err != nil || (proxy != nil) != want {
			t.Errorf("%s: want a proxy %v, have %v, %v", url, want, proxy, err)
		}
	}
}
