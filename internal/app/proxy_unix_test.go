//go:build unix

package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"datahub_exporter/source"
)

// A proxy in the environment is used for the API and for a collector, also one
// without TLS, and never for this machine.
func TestProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	const api, collector = "ckafka.example:443", "collector.example:4317"
	tests := map[string]struct {
		collector string
		want      []string // what the proxy is asked for
	}{
		"a collector elsewhere": {collector, []string{api, collector}},
		"a sidecar":             {"127.0.0.1:9", []string{api}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 1000)
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.Method + " " + r.Host
				w.WriteHeader(http.StatusForbidden)
			}))
			t.Cleanup(proxy.Close)
			path := filepath.Join(t.TempDir(), "exporter.conf")
			content := "[common]\nsecret_id = AKIDtest\nsecret_key = key\nregion = ap-guangzhou\nendpoint = https://ckafka.example\n"
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			command, log := programWith(t, []string{"HTTPS_PROXY=" + proxy.URL, "NO_PROXY="},
				"--conf="+path, "--otlp.endpoint=http://"+test.collector, "--otlp.interval=1s")
			exporter := exporter{url: "http://" + log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))}
			exporter.get(t, source.TaskKind().Path)
			requireAsked(t, asked, test.want)
			terminate(t, command)
		})
	}
}

// requireAsked waits until the proxy was asked for all hosts, and requires that it
// was asked for no others.
func requireAsked(t *testing.T, asked <-chan string, want []string) {
	t.Helper()
	missing := slices.Clone(want)
	for len(missing) > 0 {
		select {
		case have := <-asked:
			if !slices.ContainsFunc(want, func(host string) bool { return have == "CONNECT "+host }) {
				t.Errorf("want CONNECT to one of %v, have %s", want, have)
			}
			missing = slices.DeleteFunc(missing, func(host string) bool { return have == "CONNECT "+host })
		case <-time.After(10 * time.Second):
			t.Fatalf("the proxy was never asked for %v", missing)
		}
	}
}
