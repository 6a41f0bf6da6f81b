package app

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"go.opentelemetry.io/otel"
	"go.uber.org/goleak"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// asProgram in the environment makes the test binary run as the program itself, so
// that signals and exit codes are tested with a real process.
const asProgram = "DATAHUB_EXPORTER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	// Most parallel tests wait for a separate process rather than compute.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

func TestHelpAndVersion(t *testing.T) {
	for arg, want := range map[string]string{"--help": "--web.listen-address", "--version": "go version"} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{arg}, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), want) {
			t.Errorf("%s: want 0 and %q, have %d and:\n%s%s", arg, want, code, &stdout, &stderr)
		}
	}
}

func TestServesTheConfiguredRegion(t *testing.T) {
	_, conf := cloud(t)
	exporter := start(t, conf)
	for _, want := range []struct{ path, line string }{
		{"/api/v1/ckafka/datahub_tasks/metrics", `datahub_task_status{TaskId="task-1",TaskName="orders",region="ap-guangzhou"} 1`},
		{"/api/v1/ckafka/connect_resources/metrics", `connect_resource_status{ResourceId="resource-1",ResourceName="mysql",region="ap-guangzhou"} 7`},
		{"/metrics", `datahub_exporter_build_info{`},
		{"/metrics", `go_goroutines `},
		{"/", `connect_resources/metrics`},
	} {
		if code, body := exporter.get(t, want.path); code != 200 || !strings.Contains(body, want.line) {
			t.Errorf("%s: want 200 and %s, have %d and:\n%s", want.path, want.line, code, body)
		}
	}
	exporter.stop()
	if code := <-exporter.ended; code != 0 {
		t.Errorf("exit code: want 0, have %d", code)
	}
}

// The log of a start says what the exporter is going to do, and contains no
// credential.
func TestStartIsLogged(t *testing.T) {
	t.Parallel()
	_, conf := cloud(t)
	var stderr bytes.Buffer
	ended, end := context.WithCancel(t.Context())
	end()
	// The push is not made, so it does not matter what is at the address.
	if code := run(ended, []string{conf, "--otlp.endpoint=http://127.0.0.1:9", "--web.listen-address=127.0.0.1:0"}, io.Discard, &stderr); code != 0 {
		t.Errorf("exit code: want 0, have %d", code)
	}
	for _, want := range []string{
		`msg="Reading configuration" file=` + strings.TrimPrefix(conf, "--conf="),
		`msg=Watching account=common regions=ap-guangzhou`,
		`msg="Pushing over OTLP" collector=http://127.0.0.1:9 interval=1m0s timeout=10s protocol=grpc`,
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("want %s, have:\n%s", want, &stderr)
		}
	}
	for _, credential := range []string{"AKIDtest", "k#e;y", "t0ken"} {
		if strings.Contains(stderr.String(), credential) {
			t.Errorf("%s is in the log:\n%s", credential, &stderr)
		}
	}
}

func TestFileThatOthersCanReadIsAWarning(t *testing.T) {
	_, conf := cloud(t)
	if err := os.Chmod(strings.TrimPrefix(conf, "--conf="), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	ended, end := context.WithCancel(t.Context())
	end()
	if code := run(ended, []string{conf, "--web.listen-address=127.0.0.1:0"}, io.Discard, &stderr); code != 0 {
		t.Errorf("exit code: want 0, have %d", code)
	}
	if have := stderr.String(); !strings.Contains(have, "level=WARN") || !strings.Contains(have, "chmod 600") {
		t.Errorf("log: want a warning with chmod 600, have:\n%s", have)
	}
}

// A variable that can do nothing is a warning, of the exporter and of the check.
func TestVariableThatCanDoNothingIsAWarning(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"--demo", "--check"}, io.Discard, &stderr); code != exitOK {
		t.Errorf("exit code: want 0, have %d", code)
	}
	if have := strings.Count(stderr.String(), `level=WARN`); have != 1 || !strings.Contains(stderr.String(), "SSL_CERT_FILE is ignored") {
		t.Errorf("want one warning that names the variable, have:\n%s", &stderr)
	}
}

func TestHomeIsFoundInPaths(t *testing.T) {
	_, conf := cloud(t)
	t.Setenv("HOME", filepath.Dir(strings.TrimPrefix(conf, "--conf=")))
	exporter := start(t, "--conf=~/exporter.conf")
	if code, body := exporter.get(t, "/-/healthy"); code != 200 {
		t.Errorf("want 200, have %d: %s", code, body)
	}
}

func TestDemoNeedsNothing(t *testing.T) {
	t.Setenv("HOME", "")
	exporter := start(t, "--demo")
	for i, kind := range source.Kinds() {
		url := exporter.log.await(t, regexp.MustCompile(`curl (http://\S+`+kind.Path+`)`))
		code, body := exporter.get(t, strings.TrimPrefix(url, exporter.url))
		want := []int{12, 5}[i]
		if have := strings.Count(body, "\n"+kind.Prefix+"_status{"); code != 200 || have != want {
			t.Errorf("%s: want 200 and %d items, have %d and %d:\n%s", url, want, code, have, body)
		}
	}
}

// Errors of the OpenTelemetry SDK reach the log even without a push.
func TestErrorsOfTheSDKAreLogged(t *testing.T) {
	exporter := start(t, "--demo")
	otel.Handle(errors.New("out of tune"))
	exporter.log.await(t, regexp.MustCompile(`level=WARN.* msg="OpenTelemetry SDK failed" err="out of tune"`))
}

// A scrape is answered although the cloud hangs. The tests of package source check
// how early the answer is, and those of package web the deadline itself.
func TestHangingCloudIsAnsweredBeforeTheScrapeDeadline(t *testing.T) {
	sim, conf := cloud(t)
	sim.Always("", "", cloudsim.Hang())
	exporter := start(t, conf)
	// Only the announced deadline ends the wait: the cloud hangs, the refresh goes
	// on and the reader waits for as long as it takes.
	code, body := exporter.get(t, source.TaskKind().Path, "X-Prometheus-Scrape-Timeout-Seconds", "1.5")
	if code != http.StatusOK {
		t.Errorf("want 200, have %d", code)
	}
	// So nothing has failed yet, and nothing is known.
	for _, want := range []string{`datahub_task_error_count{region="ap-guangzhou"} 0`, `datahub_task_up{region="ap-guangzhou"} 0`} {
		if !strings.Contains(body, want) {
			t.Errorf("want %s in:\n%s", want, body)
		}
	}
	if have := len(sim.Calls("", "")); have != 1 {
		t.Errorf("calls: want the one that hangs, have %d", have)
	}
}

func TestWebConfigFileIsUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.yml")
	// The hash is of an empty password: no request of the test has a user.
	users := "basic_auth_users:\n  prometheus: $2y$10$IlXTGr0AYVAUZyOlGlpgb.LvlCpK3n9kEhKWr1b2RMrUlZU2ZjWYK\n"
	if err := os.WriteFile(path, []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	exporter := start(t, "--demo", "--web.config.file="+path)
	if code, _ := exporter.get(t, "/metrics"); code != http.StatusUnauthorized {
		t.Errorf("status without a password: want 401, have %d", code)
	}
}

// The process ends although what it waits for never does. The tests of package web
// check that this takes less than five seconds.
func TestSignalsEndTheProcessWhileAScrapeWaits(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			sim, conf := cloud(t)
			hanging := make(chan struct{}, 10)
			sim.Always("", "", cloudsim.Chain(func(*cloudsim.Answer) { hanging <- struct{}{} }, cloudsim.Hang()))
			log := newLines()
			program := exec.CommandContext(t.Context(), os.Args[0], conf, endless, "--web.listen-address=127.0.0.1:0")
			program.Env, program.Stderr = append(os.Environ(), asProgram+"=1"), log
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			exporter := exporter{url: "http://" + log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))}
			scraped := make(chan string)
			go func() {
				_, body := exporter.get(t, source.TaskKind().Path)
				scraped <- body
			}()
			<-hanging
			if err := program.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			// The scrape is answered, and the shutdown does not count as a failure
			// of the API.
			if want, have := `datahub_task_error_count{region="ap-guangzhou"} 0`, <-scraped; !strings.Contains(have, want) {
				t.Errorf("scrape: want %s, have:\n%s", want, have)
			}
			if err := program.Wait(); err != nil {
				t.Errorf("exit: want 0, have %v", err)
			}
			log.Close()
		})
	}
}
