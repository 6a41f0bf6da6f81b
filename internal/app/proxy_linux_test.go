package app

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/source"
)

// A proxy in the environment is used for the API and for a collector, also one
// over gRPC without TLS, and never for this machine. No line repeats what it says.
func TestProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	const api, collector = "ckafka.example:443", "collector.example:4317"
	tests := map[string]struct {
		endpoint, protocol string
		want               []string // what the proxy is asked for
	}{
		"a collector elsewhere": {"http://" + collector, otlp.GRPC, []string{api, collector}},
		"a backend elsewhere":   {"https://" + collector, otlp.HTTP, []string{api, collector}},
		"a sidecar":             {"http://127.0.0.1:9", otlp.GRPC, []string{api}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 1000)
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.Method + " " + r.Host
				w.Header().Set("X-Password", planted)
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, planted)
			}))
			t.Cleanup(proxy.Close)
			path := filepath.Join(t.TempDir(), "exporter.conf")
			content := "[common]\nsecret_id = AKIDtest\nsecret_key = key\nregion = ap-guangzhou\nendpoint = https://ckafka.example\n"
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			command, log := programWith(t, []string{"HTTPS_PROXY=" + proxy.URL, "NO_PROXY=", "OTEL_EXPORTER_OTLP_TIMEOUT=3000"},
				"--conf="+path, "--otlp.endpoint="+test.endpoint, "--otlp.protocol="+test.protocol, "--otlp.interval=1s")
			exporter := exporter{url: "http://" + log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))}
			exporter.get(t, source.TaskKind().Path)
			requireAsked(t, asked, test.want)
			if len(test.want) > 1 {
				log.await(t, regexp.MustCompile(`msg="OTLP push failed" .*(refused the connection.*HTTPS_PROXY)`))
			}
			terminate(t, command)
			log.Close()
			for line := range log.each {
				if strings.Contains(line, planted) {
					t.Errorf("a line repeats what the proxy said:\n%.500s", line)
				}
			}
		})
	}
}

// A proxy that never answers makes the push fail in time and delays no shutdown.
func TestSilentProxyDelaysNothing(t *testing.T) {
	_, conf := cloud(t)
	proxy := serveRaw(t, func(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) })
	command, log := programWith(t, []string{"HTTPS_PROXY=http://" + proxy, "OTEL_EXPORTER_OTLP_TIMEOUT=200"},
		conf, "--otlp.endpoint=http://collector.example:4317", "--otlp.interval=1h", "--web.listen-address=127.0.0.1:0")
	log.await(t, regexp.MustCompile(`msg="OTLP push failed" pushed=(tasks)`))
	terminate(t, command)
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
