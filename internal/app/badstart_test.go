package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBadStart(t *testing.T) {
	conf := func(content string) string {
		path := filepath.Join(t.TempDir(), "bad.conf")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	tests := map[string]struct {
		args  []string
		home  string
		code  int
		named []string // what the message must name
	}{
		"unknown flag":            {[]string{"--nope"}, "/nowhere", 2, []string{"--nope", "--help"}},
		"stray argument":          {[]string{"start"}, "/nowhere", 2, []string{"start", "--help"}},
		"no duration":             {[]string{"--ckafka.timeout=fast"}, "/nowhere", 2, []string{"--ckafka.timeout", "fast", "--help"}},
		"timeout of nothing":      {[]string{"--ckafka.timeout=0s"}, "/nowhere", 2, []string{"--ckafka.timeout", "0s"}},
		"negative interval":       {[]string{"--ckafka.min-interval=-1s"}, "/nowhere", 2, []string{"--ckafka.min-interval", "-1s"}},
		"no calls at all":         {[]string{"--ckafka.qps=0"}, "/nowhere", 2, []string{"--ckafka.qps", "0"}},
		"calls without a bound":   {[]string{"--ckafka.qps=1000000000000000000"}, "/nowhere", 2, []string{"--ckafka.qps", "1000"}},
		"negative staleness":      {[]string{"--ckafka.stale-after=-1s"}, "/nowhere", 2, []string{"--ckafka.stale-after", "-1s"}},
		"bad log level":           {[]string{"--log.level=loud"}, "/nowhere", 2, []string{"--log.level", "loud"}},
		"no OTLP endpoint":        {[]string{"--otlp.endpoint=grpc://x"}, "/nowhere", 2, []string{"--otlp.endpoint", `"grpc"`}},
		"negative OTLP interval":  {[]string{"--otlp.interval=-1s"}, "/nowhere", 2, []string{"--otlp.interval", "-1s"}},
		"a push to nowhere":       {[]string{"--demo", "--otlp.interval=1s"}, "/nowhere", 1, []string{"[otlp]", "--otlp.endpoint"}},
		"no file at all":          {nil, "/nowhere", 1, []string{"/nowhere/.datahub_exporter.conf", "secret_id", "--conf", "--demo"}},
		"no home":                 {nil, "", 1, []string{"HOME", "--conf", "--demo"}},
		"bad file":                {[]string{"--conf=" + conf("[common]\nsecretid=a\n")}, "", 1, []string{"bad.conf", "secretid", `"secret_id"`}},
		"a file without an end":   {[]string{"--conf=/dev/zero"}, "", 1, []string{"/dev/zero", "is a device", "regular file"}},
		"placeholder":             {[]string{"--conf=" + conf("[common]\nsecret_id=xxx\n")}, "", 1, []string{"secret_id", "placeholder"}},
		"address that is none":    {[]string{"--demo", "--web.listen-address=127.0.0.1:99999"}, "", 2, []string{"--web.listen-address", "99999", "HOST:PORT"}},
		"address in use":          {[]string{"--demo", "--web.listen-address=" + taken.Addr().String()}, "", 1, []string{"--web.listen-address", taken.Addr().String(), "free port"}},
		"second address in use":   {[]string{"--demo", "--web.listen-address=127.0.0.1:0", "--web.listen-address=" + taken.Addr().String()}, "", 1, []string{"--web.listen-address", taken.Addr().String()}},
		"address of another host": {[]string{"--demo", "--web.listen-address=192.0.2.1:0"}, "", 1, []string{"--web.listen-address", "192.0.2.1", "this machine"}},
		"no configuration file":   {[]string{"--conf="}, "", 2, []string{"--conf is empty"}},
		"web config that is none": {[]string{"--demo", "--web.listen-address=127.0.0.1:0", "--web.config.file=/nowhere/web.yml"}, "", 1, []string{"--web.config.file", "/nowhere/web.yml"}},
		"web config, in a check":  {[]string{"--demo", "--check", "--web.config.file=/nowhere/web.yml"}, "", 1, []string{"--web.config.file", "/nowhere/web.yml"}},
		"recording over another":  {[]string{"--demo", "--check", "--check.record=" + filepath.Dir(conf(""))}, "", 1, []string{"--check.record", "is not empty"}},
		"recording of nothing":    {[]string{"--demo.replay=/nowhere"}, "", 1, []string{"--demo.replay", "/nowhere"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", test.home)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code: want %d, have %d", test.code, code)
			}
			before, message, _ := strings.Cut(stderr.String(), "datahub_exporter: error: ")
			if strings.Contains(before, "Listening on") {
				t.Errorf("want the error before it listens, have:\n%s", before)
			}
			for _, want := range test.named {
				if !strings.Contains(message, want) {
					t.Errorf("message: want it to name %q, have:\n%s", want, &stderr)
				}
			}
		})
	}
}

// A proxy setting that cannot be read is refused: it would be ignored otherwise.
func TestProxyThatCannotBeReadIsRefused(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://user:hunter2@proxy example")
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"--demo"}, io.Discard, &stderr); code != exitFailed {
		t.Errorf("exit code: want %d, have %d", exitFailed, code)
	}
	if have := stderr.String(); !strings.Contains(have, "error: HTTPS_PROXY is not the address of a proxy") || strings.Contains(have, "hunter2") {
		t.Errorf("message: want it to name HTTPS_PROXY and not its value, have:\n%s", have)
	}
}

// With --log.format=json every error is JSON, whatever is wrong.
func TestBadStartInJSON(t *testing.T) {
	tests := map[string]struct {
		arg   string
		code  int
		named []string
	}{
		"a wrong command line": {"--ckafka.timeout=abc", 2, []string{"--ckafka.timeout", "abc", "--help"}},
		"a file that is none":  {"--conf=/nowhere/exporter.conf", 1, []string{"/nowhere/exporter.conf", "secret_id", "--demo"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := run(t.Context(), []string{test.arg, "--log.format=json"}, io.Discard, &stderr); code != test.code {
				t.Errorf("exit code: want %d, have %d", test.code, code)
			}
			var last struct{ Level, Msg, Err string }
			for text := range strings.Lines(stderr.String()) {
				if err := json.Unmarshal([]byte(text), &last); err != nil {
					t.Errorf("no JSON: %v in %s", err, text)
				}
			}
			if last.Level != "ERROR" || last.Msg != "datahub_exporter cannot go on" {
				t.Errorf("last line: want an error, have %+v", last)
			}
			for _, want := range test.named {
				if !strings.Contains(last.Err, want) {
					t.Errorf("error: want it to name %q, have %s", want, last.Err)
				}
			}
		})
	}
}
