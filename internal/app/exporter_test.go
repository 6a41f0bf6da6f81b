package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// endless keeps the machine's speed out of a test: no refresh ends by its deadline,
// and what hangs would hang until the test run times out.
const endless = "--ckafka.timeout=1h"

// exporter is the program, running in this process.
type exporter struct {
	url   string
	log   *lines
	ended <-chan int
	stop  context.CancelFunc
}

// start runs the program on a port of its own and waits until it listens. It stops
// with the test.
func start(t *testing.T, args ...string) *exporter {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	e := &exporter{log: newLines(), ended: ended, stop: stop}
	go func() {
		defer close(ended)
		defer e.log.Close()
		ended <- run(ctx, append(args, endless, "--web.listen-address=127.0.0.1:0"), io.Discard, e.log)
	}()
	e.url = "http://" + e.log.await(t, regexp.MustCompile(`msg="Listening on" address=(\S+)`))
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
		for range ended { // until it has ended
		}
		for range e.log.each { // the lines that no test waited for
		}
	})
	return e
}

func (e *exporter) get(t *testing.T, path string, header ...string) (int, string) {
	t.Helper()
	return e.do(t, http.MethodGet, path, header...)
}

func (e *exporter) do(t *testing.T, method, path string, header ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, e.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// lines is a log whose lines a test can wait for.
type lines struct {
	*io.PipeWriter
	each chan string
}

// newLines returns a log that never waits for the test.
func newLines() *lines {
	reader, writer := io.Pipe()
	l := &lines{PipeWriter: writer, each: make(chan string, 1000)}
	scanned := make(chan string)
	go func() {
		defer close(scanned)
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			scanned <- scanner.Text()
		}
	}()
	go l.queue(scanned)
	return l
}

// queue passes the lines on, as many as there are.
func (l *lines) queue(scanned <-chan string) {
	defer close(l.each)
	var waiting []string
	for scanned != nil || len(waiting) > 0 {
		var first string
		var each chan<- string
		if len(waiting) > 0 {
			first, each = waiting[0], l.each
		}
		select {
		case each <- first:
			waiting = waiting[1:]
		case line, more := <-scanned:
			if !more {
				scanned = nil
				continue
			}
			waiting = append(waiting, line)
		}
	}
}

// await waits for a line that matches the pattern and returns its submatch.
func (l *lines) await(t *testing.T, pattern *regexp.Regexp) string {
	t.Helper()
	var seen []string
	for {
		select {
		case line, more := <-l.each:
			if !more {
				t.Fatalf("ended, and no line matches %s in:\n%s", pattern, strings.Join(seen, "\n"))
			}
			if match := pattern.FindStringSubmatch(line); match != nil {
				return match[len(match)-1]
			}
			seen = append(seen, line)
		case <-time.After(time.Minute): // not a limit on anything, but a hang should say where
			t.Fatalf("no line matches %s in:\n%s", pattern, strings.Join(seen, "\n"))
		}
	}
}

// cloud serves one region with one task and one connection, and returns the cloud
// and its configuration file.
func cloud(t *testing.T) (*cloudsim.Server, string) {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou", cloudsim.Item{ID: "resource-1", Name: "mysql", Status: 7})
	return serveFleet(t, fleet)
}

// serveFleet serves the one region of a fleet, and returns the cloud and its
// configuration file.
func serveFleet(t *testing.T, fleet cloudsim.Fleet) (*cloudsim.Server, string) {
	t.Helper()
	sim := cloudsim.New(cloudsim.Options{SecretID: "AKIDtest", SecretKey: "k#e;y", Token: "t0ken", Fleet: fleet})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "exporter.conf")
	content := fmt.Sprintf("[common]\nsecret_id = AKIDtest\nsecret_key = k#e;y\ntoken = t0ken\nregion = ap-guangzhou\nendpoint = %s\n", server.URL)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return sim, "--conf=" + path
}
