package app

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/otlp/collectorsim"
	"datahub_exporter/source"
)

// The SDK logs the values of variables that it cannot read, outside our log: nobody
// sees them, and they stop no start if the setting is made elsewhere.
func TestVariablesThatDoNotCountAreNotQuoted(t *testing.T) {
	_, conf := cloud(t)
	path := strings.TrimPrefix(conf, "--conf=")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	section := "[otlp]\nendpoint = http://127.0.0.1:9\nheaders = authorization=Bearer of the file\n"
	if err := os.WriteFile(path, append(content, section...), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	lines := newLines()
	program := exec.CommandContext(t.Context(), os.Args[0], conf, endless, "--web.listen-address=127.0.0.1:0")
	program.Env = append(os.Environ(), asProgram+"=1",
		"OTEL_EXPORTER_OTLP_HEADERS=Authorization: Basic aHVzaDpodXNo==", "OTEL_EXPORTER_OTLP_ENDPOINT=https://u:aHVzaDpodXNo%zz@host",
		"OTEL_EXPORTER_OTLP_PROTOCOL=http/json")
	program.Stderr = io.MultiWriter(&log, lines)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines.await(t, regexp.MustCompile(`msg="(Listening on)"`))
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("exit: want 0, have %v", err)
	}
	lines.Close()
	if strings.Contains(log.String(), "aHVzaDpodXNo") {
		t.Errorf("a variable is quoted:\n%s", &log)
	}
	if want := "OTEL_EXPORTER_OTLP_PROTOCOL"; !strings.Contains(log.String(), want) {
		t.Errorf("want a warning about %s, have:\n%s", want, &log)
	}
}

// The first push comes at the start, and the scrapes of that moment share its data.
func TestFirstPushComesAtOnce(t *testing.T) {
	for _, protocol := range []string{otlp.GRPC, otlp.HTTP} {
		t.Run(protocol, func(t *testing.T) { firstPushComesAtOnce(t, protocol) })
	}
}

func firstPushComesAtOnce(t *testing.T, protocol string) {
	sim, conf := cloud(t)
	collector := collectorsim.StartWith(t, collectorsim.Options{HTTP: protocol == otlp.HTTP})
	exporter := start(t, conf, "--otlp.endpoint=http://"+collector.Address, "--otlp.protocol="+protocol, "--otlp.interval=1h", "--ckafka.min-interval=1m", "--ckafka.stale-after=1h")
	missing := map[string]bool{"connect_resource_status": true, "datahub_exporter_otlp_pushes_total": true, "datahub_task_status": true}
	for range 3 {
		for _, pushed := range (<-collector.Pushes).Metrics() {
			delete(missing, pushed.GetName())
		}
	}
	if len(missing) > 0 {
		t.Errorf("want three pushes with all, they lack %v", missing)
	}
	for _, kind := range source.Kinds() {
		if code, _ := exporter.get(t, kind.Path); code != 200 {
			t.Errorf("%s: want 200, have %d", kind.Path, code)
		}
	}
	for _, action := range []string{cloudsim.DescribeDatahubTasks, cloudsim.DescribeConnectResources} {
		if calls := sim.Calls(action, "ap-guangzhou"); len(calls) != 1 {
			t.Errorf("%s: want one call for the push and the scrape, have %d", action, len(calls))
		}
	}
}

// A collector that cannot be reached is in the log before the first interval is
// over, once for each provider that pushes.
func TestWrongEndpointIsLoggedAtOnce(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "200")
	_, conf := cloud(t)
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	exporter := start(t, conf, "--otlp.endpoint=http://"+closed.Addr().String(), "--otlp.interval=1h")
	exporter.log.await(t, regexp.MustCompile(`level=WARN.* msg="OTLP push failed" pushed=exporter err=`))
}
