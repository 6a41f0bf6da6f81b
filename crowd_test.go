//go:build soak && linux

package main

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

	"datahub_exporter/instrument"
	"datahub_exporter/source/cloudsim"
)

// The crowd around one exporter, and what it may cost the others.
const (
	crowdTasks   = 20_000
	crowdAborted = 200
	crowdUnread  = 100
	crowdHeads   = 100
	crowdHead    = 900_000 // bytes

	crowdMemory  = 250 * megabyte
	crowdScrape  = 2 * time.Second
	crowdSlower  = 4 // times what a scrape takes alone, where that is more
	crowdHealthy = 100 * time.Millisecond
)

// Clients that hang up, that read nothing and that send heads without end take
// the exporter away from nobody.
func TestCrowd(t *testing.T) {
	items := make([]cloudsim.Item, crowdTasks)
	for i := range items {
		items[i] = cloudsim.Item{
			ID: fmt.Sprintf("task-%08d", i), Name: fmt.Sprintf("orders-%08d", i), Status: 1,
			Type: "SINK", Source: "TOPIC", Target: "CLICKHOUSE", Resource: "resource-k9p2w6ed",
		}
	}
	fleet := cloudsim.NewInventory("ap-guangzhou")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items...)
	_, conf := serveFleet(t, fleet)
	p := startProcess(t, conf, "--ckafka.qps=1000", "--ckafka.timeout=30s")
	scrape := func() time.Duration {
		begin := time.Now()
		if _, body := p.get(t, instrument.Kinds()[0].Path); strings.Count(body, "\ndatahub_task_status{") != crowdTasks {
			t.Errorf("a scrape of %d bytes lacks tasks", len(body))
		}
		return time.Since(begin)
	}
	scrape()
	alone := slices.Max([]time.Duration{scrape(), scrape(), scrape()})
	goroutines, descriptors := p.gauge(t, "go_goroutines"), p.gauge(t, "process_open_fds")

	leave := p.crowd(t)
	var longest time.Duration
	var health []time.Duration
	for range 20 {
		begin := time.Now()
		if code, _ := p.get(t, "/-/healthy"); code != 200 {
			t.Errorf("health: want 200, have %d", code)
		}
		health = append(health, time.Since(begin))
		longest = max(longest, scrape())
	}
	leave()
	slices.Sort(health)
	usual := health[len(health)/2]
	peak := peakRSS(t, p.command)
	t.Logf("scrape alone %v, in the crowd %v; health %v, at the most %v; peak RSS %.1f MB",
		alone.Round(time.Millisecond), longest.Round(time.Millisecond), usual.Round(time.Millisecond), health[len(health)-1].Round(time.Millisecond), float64(peak)/megabyte)
	if limit := max(crowdScrape, crowdSlower*alone); longest > limit {
		t.Errorf("scrape in the crowd: want at most %v, have %v", limit, longest)
	}
	if usual > crowdHealthy { // the median: the simulated cloud shares the processors
		t.Errorf("health in the crowd: want at most %v, have %v", crowdHealthy, usual)
	}
	if peak > crowdMemory {
		t.Errorf("peak RSS: want at most %d MB, have %.1f MB", crowdMemory/megabyte, float64(peak)/megabyte)
	}
	p.settles(t, "go_goroutines", goroutines)
	p.settles(t, "process_open_fds", descriptors)
	p.stop(t)
}

// crowd connects all of its clients and returns what makes them leave.
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
	request := "GET " + instrument.Kinds()[0].Path + " HTTP/1.1\r\nHost: x\r\n"
	for range crowdUnread {
		_, _ = io.WriteString(dial(), request+"\r\n")
	}
	for range crowdAborted {
		connection := dial()
		_, _ = io.WriteString(connection, request+"\r\n")
		_ = connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
	}
	var heads sync.WaitGroup
	for range crowdHeads {
		connection := dial()
		heads.Go(func() {
			_, _ = connection.Write(append([]byte(request+"X-Long: "), bytes.Repeat([]byte{'x'}, crowdHead)...))
		})
	}
	return func() {
		for _, connection := range connections {
			connection.Close()
		}
		heads.Wait()
	}
}

// settles waits until a gauge is where it was, or a little above: a scrape's own
// connection is counted.
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
