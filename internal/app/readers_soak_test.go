//go:build soak && linux

package app

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// What readers that hang up, or read nothing, may cost with the tasks of the crowd.
const (
	abortedScrapes = 200
	abortedDelay   = 2 * time.Second
	unreadScrapes  = 100
	unreadMemory   = 320_000_000 // bytes
)

// still keeps one snapshot, so that no refresh is measured.
var still = []string{endless, "--ckafka.qps=1000", "--ckafka.min-interval=1h", "--ckafka.stale-after=2h"}

// Scrapes whose clients hang up cost the next one next to nothing.
func TestAbortedScrapes(t *testing.T) {
	_, conf := crowdCloud(t)
	p := startProcess(t, append(still, conf)...)
	p.known(t, time.Now().Add(2*time.Minute))
	usual := p.complete(t, "", crowdTasks)
	for _, connection := range p.request(t, abortedScrapes, crowdRequest) {
		_ = connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
	}
	if next := p.complete(t, "", crowdTasks); next > usual+abortedDelay {
		t.Errorf("the scrape after them: want at most %v more than %v, have %v", abortedDelay, usual, next)
	}
	p.stop(t)
}

// Clients that read nothing hold no copy of a response each.
func TestUnreadScrapes(t *testing.T) {
	_, conf := crowdCloud(t)
	p := startProcess(t, append(still, conf)...)
	p.known(t, time.Now().Add(2*time.Minute))
	connections := p.request(t, unreadScrapes, func(int) string { return crowdRequest(0) })
	for range crowdScrapes { // each waits for its turn behind them
		p.complete(t, "", crowdTasks)
	}
	peak := p.steadyPeak(t)
	t.Logf("peak RSS %.1f MB", float64(peak)/1e6)
	if peak > unreadMemory {
		t.Errorf("peak RSS: want at most %d bytes, have %d", unreadMemory, peak)
	}
	for _, connection := range connections {
		connection.Close()
	}
	p.stop(t)
}

// request sends that many requests, reads nothing of the responses and returns the
// connections.
func (p *process) request(t *testing.T, clients int, request func(client int) string) []net.Conn {
	t.Helper()
	var connections []net.Conn
	for client := range clients {
		connection, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, request(client)+"\r\n"); err != nil {
			t.Fatal(err)
		}
		connections = append(connections, connection)
	}
	return connections
}

// steadyPeak returns the peak resident memory once it has not grown for a while.
func (p *process) steadyPeak(t *testing.T) int {
	t.Helper()
	const while = 3 * time.Second
	peak, since := peakRSS(t, p.command), time.Now()
	for time.Since(since) < while {
		time.Sleep(100 * time.Millisecond)
		if now := peakRSS(t, p.command); now > peak {
			peak, since = now, time.Now()
		}
	}
	return peak
}
