package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Requirements on an exporter whose collector is broken.
const (
	pushInterval = 100 * time.Millisecond
	intervals    = 200
	// Not a multiple of pushInterval, so that scrapes and pushes do not always
	// coincide.
	scrapeTick  = 130 * time.Millisecond
	maxSlowdown = 1.5             // relative to the median latency without OTLP
	maxGrowth   = 8 << 10         // KiB
	maxShutdown = 5 * time.Second // from SIGTERM to exit
	blackTasks  = 500             // enough for a scrape to take longer than its noise
	pushTimeout = "100"           // in ms, for the standard variable
)

// It runs before the parallel tests, whose load would distort its measurements.
func TestBadCollectorHarmsNothing(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (endpoint string){
		"accepts and never answers": silentCollector,
		"refuses connections":       func(t *testing.T) string { return "http://" + freeAddress(t) },
		"is not trusted":            untrustedCollector,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, endpoint := startCloud(t, fleetOf(blackTasks)...), "--otlp.endpoint="+start(t)
			alone := startExporter(t, cloud, still)
			calm := startExporter(t, cloud, still, endpoint, "--otlp.interval=1s")
			pushing := startExporterWith(t, []string{"OTEL_EXPORTER_OTLP_TIMEOUT=" + pushTimeout}, cloud, still, endpoint,
				"--otlp.interval="+pushInterval.String())
			observe(t, alone, calm, pushing).judge(t)
			if failed := failedPushes(t, pushing); failed < intervals/3 {
				t.Errorf("want many failed pushes, have %v: what is observed is no outage", failed)
			}
			took, err := pushing.terminate(t)
			if err != nil {
				t.Errorf("exit: want 0, have %v", err)
			}
			t.Logf("ended %v after SIGTERM", took.Round(time.Millisecond))
			if took >= maxShutdown {
				t.Errorf("shutdown: want less than %v, have %v", maxShutdown, took)
			}
			if lines := len(pushing.output.all()); lines > 40 {
				t.Errorf("want a log that says it once a minute, have %d lines", lines)
			}
		})
	}
}

// silentCollector accepts connections and never responds.
func silentCollector(t *testing.T) string {
	endpoint, _ := silentCollectorThatTells(t)
	return endpoint
}

// silentCollectorThatTells also sends on a channel when data arrives on a
// connection.
func silentCollectorThatTells(t *testing.T) (endpoint string, arrived <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{}, 1)
	ctx, end := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	hold := func(connection net.Conn) {
		defer connection.Close()
		if n, _ := connection.Read(make([]byte, 1)); n > 0 {
			select {
			case told <- struct{}{}:
			default:
			}
		}
		<-ctx.Done()
	}
	serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { connection.Close() })
			serving.Go(func() { hold(connection) })
		}
	})
	t.Cleanup(func() {
		end()
		listener.Close()
		serving.Wait()
	})
	return "http://" + listener.Addr().String(), told
}

// A push that hangs times out after ten seconds by default, but a shutdown by
// signal takes at most five.
func TestShutdownDoesNotWaitForAPushThatHangs(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			endpoint, arrived := silentCollectorThatTells(t)
			exporter := startExporter(t, startCloud(t, fleetOf(5)...), "--otlp.endpoint="+endpoint, "--otlp.protocol="+protocol, "--otlp.interval=200ms")
			select {
			case <-arrived:
			case <-time.After(patience):
				t.Fatal("no push arrived")
			}
			took, err := exporter.terminate(t)
			if err != nil || took >= maxShutdown {
				t.Errorf("want an end without an error in less than %v, have %v after %v", maxShutdown, err, took)
			}
			t.Logf("ended %v after SIGTERM", took.Round(time.Millisecond))
		})
	}
}

// untrustedCollector serves TLS with an untrusted certificate.
func untrustedCollector(t *testing.T) string {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// observation holds the scrape latencies of three exporters, measured in turns: one
// without OTLP, one that pushes at a normal rate, and one that pushes ten times a
// second. It also holds the memory use of the last one.
type observation struct {
	latencies [3][]time.Duration
	memory    []int // KiB
}

// observe scrapes the exporters, starting with a different one each time, for as
// long as the given number of push intervals.
func observe(t *testing.T, alone, calm, pushing *exporter) observation {
	t.Helper()
	var o observation
	exporters := []*exporter{alone, calm, pushing}
	tick := time.NewTicker(scrapeTick)
	defer tick.Stop()
	for i := range int(intervals * pushInterval / scrapeTick) {
		<-tick.C
		for j := range exporters {
			next := (i + j) % len(exporters)
			o.latencies[next] = append(o.latencies[next], latency(t, exporters[next]))
		}
		o.memory = append(o.memory, residentMemory(t, pushing.command.Process.Pid))
	}
	return o
}

func (o observation) judge(t *testing.T) {
	t.Helper()
	alone, calm, pushing := median(o.latencies[0]), median(o.latencies[1]), median(o.latencies[2])
	slowdown := float64(calm) / float64(alone)
	t.Logf("scrape of %d tasks: median %v without OTLP; %v with a push a second, ratio %.2f; %v with ten, ratio %.2f",
		blackTasks, alone, calm, slowdown, pushing, float64(pushing)/float64(alone))
	if slowdown >= maxSlowdown {
		t.Errorf("ratio with a push a second: want less than %v, have %.2f", maxSlowdown, slowdown)
	}
	half := len(o.memory) / 2
	first, second := slices.Max(o.memory[:half]), slices.Max(o.memory[half:])
	t.Logf("resident memory: at most %d KiB in the first half, %d KiB in the second", first, second)
	if second > first+maxGrowth {
		t.Errorf("resident memory: want at most %d KiB more in the second half, have %d KiB", maxGrowth, second-first)
	}
}

func median(durations []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(durations))[len(durations)/2]
}

// latency returns the duration of one scrape.
func latency(t *testing.T, e *exporter) time.Duration {
	t.Helper()
	begin := time.Now()
	if _, err := fetch(t.Context(), "http://"+e.address+tasksPath); err != nil {
		t.Fatal(err)
	}
	return time.Since(begin)
}

// residentMemory returns VmRSS in KiB.
func residentMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for scanner := bufio.NewScanner(bytes.NewReader(status)); scanner.Scan(); {
		var kib int
		if _, err := fmt.Sscanf(scanner.Text(), "VmRSS: %d kB", &kib); err == nil {
			return kib
		}
	}
	t.Fatalf("no VmRSS in:\n%s", status)
	return 0
}

// failedPushes returns the exporter's count of failed pushes.
func failedPushes(t *testing.T, e *exporter) float64 {
	t.Helper()
	shown, err := scrape(t.Context(), e.address, "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	var failed float64
	for labels, pushes := range shown["datahub_exporter_otlp_pushes_total"].Series {
		if strings.Contains(labels, `result="failure"`) {
			failed += pushes
		}
	}
	return failed
}
