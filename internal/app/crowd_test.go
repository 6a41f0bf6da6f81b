//go:build soak && linux

package app

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// The crowd around one exporter, and what it may cost the others. Half of the
// clients ask for everything, the others for one region or for the targets to
// discover.
const (
	crowdRegions = 10
	crowdTasks   = 20_000 // in all regions together
	crowdUnread  = 250
	crowdAborted = 150
	crowdHeads   = 100
	crowdHead    = 900_000 // bytes

	crowdMemory  = 320_000_000 // bytes
	crowdScrapes = 4
	crowdTimeout = "30" // seconds; the refreshes end after 8
	crowdHealthy = 100 * time.Millisecond
)

// Clients that hang up, that read nothing and that send endless headers make the
// exporter unavailable to nobody, even while the API hangs: a scrape gets what was
// known, all of it or the region asked for, and the health check answers at once.
func TestCrowd(t *testing.T) {
	sim, conf := crowdCloud(t)
	p := startProcess(t, conf, "--ckafka.qps=1000")
	p.known(t, time.Now().Add(2*time.Minute))
	goroutines, descriptors := p.gauge(t, "go_goroutines"), p.gauge(t, "process_open_fds")

	sim.Always("", "", cloudsim.Hang())
	leave := p.crowd(t)
	var scrapes sync.WaitGroup
	for query, want := range crowdQueries() {
		scrapes.Go(func() {
			for range crowdScrapes {
				p.complete(t, query, want)
			}
		})
	}
	health := p.healthWhile(t, &scrapes)
	leave()
	sim.Always("", "", nil)
	usual, peak := health[len(health)/2], peakRSS(t, p.command)
	t.Logf("health %v in %d, at most %v; peak RSS %.1f MB",
		usual.Round(time.Millisecond), len(health), health[len(health)-1].Round(time.Millisecond), float64(peak)/megabyte)
	if usual > crowdHealthy { // the median, because the simulated cloud shares the CPUs
		t.Errorf("health in the crowd: want at most %v, have %v", crowdHealthy, usual)
	}
	if peak > crowdMemory {
		t.Errorf("peak RSS: want at most %d bytes, have %d", crowdMemory, peak)
	}
	p.settles(t, "go_goroutines", goroutines)
	p.settles(t, "process_open_fds", descriptors)
	p.stop(t)
}

// crowdCloud serves the regions, each with its share of the tasks.
func crowdCloud(t *testing.T) (*cloudsim.Server, string) {
	t.Helper()
	fleet := cloudsim.NewInventory()
	var regions []string
	for region := range crowdRegions {
		items := make([]cloudsim.Item, crowdTasks/crowdRegions)
		for i := range items {
			items[i] = cloudsim.Item{
				ID: fmt.Sprintf("task-%d-%08d", region, i), Name: fmt.Sprintf("orders-%08d", i), Status: 1,
				Type: "SINK", Source: "TOPIC", Target: "CLICKHOUSE", Resource: "resource-k9p2w6ed",
			}
		}
		regions = append(regions, fmt.Sprintf("ap-region-%d", region))
		fleet.Set(cloudsim.DescribeDatahubTasks, regions[region], items...)
	}
	sim, conf := serveFleet(t, fleet)
	edit(t, conf, "region = ap-guangzhou", "region = "+strings.Join(regions, ", "))
	return sim, conf
}

// crowdQueries are the queries scraped alongside the crowd, with the number of
// tasks in each answer.
func crowdQueries() map[string]int {
	return map[string]int{"": crowdTasks, "?region=ap-region-7": crowdTasks / crowdRegions}
}

// known waits until all tasks are known: on a busy machine the first refreshes may
// exceed their timeout.
func (p *process) known(t *testing.T, deadline time.Time) {
	t.Helper()
	for time.Now().Before(deadline) {
		if _, body := p.get(t, source.TaskKind().Path); strings.Count(body, "\ndatahub_task_status{") == crowdTasks {
			return
		}
	}
	t.Fatal("not all tasks are known in time")
}

// complete scrapes, requires that many tasks and returns how long it took.
func (p *process) complete(t *testing.T, query string, want int) time.Duration {
	t.Helper()
	begin := time.Now()
	code, body := p.get(t, source.TaskKind().Path+query, "X-Prometheus-Scrape-Timeout-Seconds", crowdTimeout)
	if have := strings.Count(body, "\ndatahub_task_status{"); code != 200 || have != want {
		t.Errorf("scrape %s: want 200 and %d tasks, have %d and %d", query, want, code, have)
	}
	took := time.Since(begin)
	t.Logf("scrape %q took %v", query, took.Round(time.Millisecond))
	return took
}

// healthWhile checks health until the scrapes have ended, and returns the sorted
// durations.
func (p *process) healthWhile(t *testing.T, scrapes *sync.WaitGroup) []time.Duration {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		scrapes.Wait()
		close(ended)
	}()
	var health []time.Duration
	for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
		begin := time.Now()
		if code, _ := p.get(t, "/-/healthy"); code != 200 {
			t.Errorf("health: want 200, have %d", code)
		}
		health = append(health, time.Since(begin))
		select {
		case <-ended:
			tick.Stop()
			slices.Sort(health)
			return health
		default:
		}
	}
}

// crowd connects all of its clients and returns a function that makes them leave.
func (p *process) crowd(t *testing.T) (leave func()) {
	t.Helper()
	address := strings.TrimPrefix(p.url, "http://")
	var connections []net.Conn
	dial := func() net.Conn {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		connections = append(connections, connection)
		return connection
	}
	for i := range crowdUnread {
		_, _ = io.WriteString(dial(), crowdRequest(i)+"\r\n")
	}
	for i := range crowdAborted {
		connection := dial()
		_, _ = io.WriteString(connection, crowdRequest(i)+"\r\n")
		_ = connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
	}
	var heads sync.WaitGroup
	for i := range crowdHeads {
		connection := dial()
		heads.Go(func() {
			_, _ = connection.Write(append([]byte(crowdRequest(i)+"X-Long: "), bytes.Repeat([]byte{'x'}, crowdHead)...))
		})
	}
	return func() {
		for _, connection := range connections {
			connection.Close()
		}
		heads.Wait()
	}
}

// crowdRequest is the request of one of the clients, without the empty line that
// ends it.
func crowdRequest(client int) string {
	path := source.TaskKind().Path
	switch client % 4 {
	case 1:
		path += fmt.Sprintf("?region=ap-region-%d", client%crowdRegions)
	case 3:
		path = "/api/v1/ckafka/sd"
	}
	return "GET " + path + " HTTP/1.1\r\nHost: x\r\n"
}

// settles waits until a gauge is back where it was, or a little above: a scrape's
// own connection is counted.
func (p *process) settles(t *testing.T, name string, want float64) {
	t.Helper()
	const margin = 3
	var have float64
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if have = p.gauge(t, name); have <= want+margin {
			return
		}
	}
	t.Errorf("%s: want %v as before, have %v", name, want, have)
}
