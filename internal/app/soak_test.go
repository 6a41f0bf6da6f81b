//go:build soak && linux

package app

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// The soak: the number of scrapes and of tasks, and the share of calls that fail.
const (
	soakScrapes  = 10_000
	soakTasks    = 2000
	soakFaults   = 0.15
	soakScrapers = 4
	soakMemory   = 70_000_000 // bytes; 60 to 64 million were seen
)

// process is the exporter as a separate process.
type process struct {
	exporter
	command *exec.Cmd
}

// startProcess starts the program as it is released: the test binary is larger, and
// what is resident of it counts as memory.
func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	log := newLines()
	program := filepath.Join(t.TempDir(), "datahub_exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, project)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	command := exec.CommandContext(t.Context(), program, append(args, "--web.listen-address=127.0.0.1:0")...)
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	p := &process{command: command}
	p.url = "http://" + log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))
	go func() { // keep reading the log, so that it never fills up
		for range log.each { //nolint:revive // nothing to do with a line
		}
	}()
	return p
}

// stop ends the process with SIGTERM.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("exit: want 0, have %v", err)
	}
}

// gauge returns the value of a series of /metrics without labels.
func (p *process) gauge(t *testing.T, name string) float64 {
	t.Helper()
	_, body := p.get(t, "/metrics")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
	}
	t.Fatalf("no %s in:\n%s", name, body)
	return 0
}

// somethingBreaks injects, now and then, a fault of any kind that ends soon.
func somethingBreaks(answer *cloudsim.Answer) {
	if rand.Float64() >= soakFaults {
		return
	}
	faults := []cloudsim.Fault{
		cloudsim.Error("InternalError", "sorry"), cloudsim.Error("RequestLimitExceeded", "20 a second"),
		cloudsim.Error("UnauthorizedOperation", "no"), cloudsim.HTTPStatus(502, "bad gateway"),
		cloudsim.RawBody("text/html", "<html>"), cloudsim.Truncated(1000), cloudsim.Reset(), cloudsim.Shifted(1),
		cloudsim.TotalCount(3), cloudsim.Delay(300 * time.Millisecond),
	}
	faults[rand.IntN(len(faults))](answer)
}

func soakCloud(t *testing.T) (*cloudsim.Server, string) {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou")
	tasks := make([]cloudsim.Item, soakTasks)
	for i := range tasks {
		tasks[i] = cloudsim.Item{ID: fmt.Sprintf("task-%08d", i), Name: fmt.Sprintf("orders-cdc-%d", i), Status: 1, Source: "MYSQL", Target: "TOPIC"}
	}
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", tasks...)
	fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou", cloudsim.Item{ID: "resource-1", Type: "MYSQL", Status: 1})
	return serveFleet(t, fleet)
}

// scrape scrapes both paths and checks what must hold whatever breaks.
func (p *process) scrape(t *testing.T, scrapes int) {
	t.Helper()
	var left atomic.Int64
	left.Store(int64(scrapes))
	var scrapers sync.WaitGroup
	for range soakScrapers {
		scrapers.Go(func() {
			for turn := left.Add(-1); turn >= 0; turn = left.Add(-1) {
				kind := source.ConnectionKind()
				if turn%4 == 0 { // there are many tasks
					kind = source.TaskKind()
				}
				code, body := p.get(t, kind.Path)
				if code != 200 || !strings.Contains(body, kind.Prefix+"_up{") {
					t.Errorf("%s: want 200 and %s_up, have %d and %s", kind.Path, kind.Prefix, code, body)
					return
				}
			}
		})
	}
	scrapers.Wait()
}

func TestSoak(t *testing.T) {
	sim, conf := soakCloud(t)
	p := startProcess(t, conf, "--ckafka.min-interval=500ms", "--ckafka.qps=1000")
	measured := map[string]float64{"go_goroutines": 5, "process_open_fds": 10, "go_memstats_next_gc_bytes": 4 * megabyte}
	before := map[string]float64{}

	p.scrape(t, soakScrapes/20) // warm up
	for name := range measured {
		before[name] = p.gauge(t, name)
	}
	sim.Always("", "", somethingBreaks)
	begin := time.Now()
	p.scrape(t, soakScrapes)
	t.Logf("%d scrapes took %v, with %d calls to the API", soakScrapes, time.Since(begin).Round(time.Second), len(sim.Calls("", "")))

	sim.Always("", "", nil)
	p.scrape(t, soakScrapes/20) // as before
	for name, more := range measured {
		after := p.gauge(t, name)
		t.Logf("%s: %v before, %v after", name, before[name], after)
		if after > before[name]+more {
			t.Errorf("%s: want at most %v and %v more, have %v", name, before[name], more, after)
		}
	}
	rss := peakRSS(t, p.command)
	t.Logf("peak RSS: %.1f MB", float64(rss)/1e6)
	if rss > soakMemory {
		t.Errorf("peak RSS: want at most %d bytes, have %d", soakMemory, rss)
	}
	p.stop(t)
}

func TestHugeAnswer(t *testing.T) {
	sim, conf := soakCloud(t)
	p := startProcess(t, conf, endless, "--ckafka.min-interval=0s")
	p.scrape(t, 4)
	sim.Always("", "", cloudsim.Endless(1<<30))
	for range 10 {
		p.scrape(t, 4)
	}
	if have := p.gauge(t, `ckafka_refreshes_total{action="DescribeDatahubTasks",region="ap-guangzhou",result="decode"}`); have != 10 {
		t.Errorf("failed refreshes: want 10, have %v", have)
	}
	rss := peakRSS(t, p.command)
	t.Logf("peak RSS: %.1f MB", float64(rss)/megabyte)
	if rss >= 100*megabyte {
		t.Errorf("peak RSS: want less than 100 MB, have %.1f MB", float64(rss)/megabyte)
	}
	p.stop(t)
}
