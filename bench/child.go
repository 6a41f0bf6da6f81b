package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// child is a process that serves on loopback.
type child struct {
	address string // host:port
	command *exec.Cmd
	input   io.Closer
}

// ownAddress is how this program's own processes tell where they serve.
var ownAddress = regexp.MustCompile(`^serving on (\S+)`)

// startSelf starts this program as one of its other processes, which ends when
// its input does, so that it never outlives this one.
func startSelf(ctx context.Context, args ...string) *child {
	return startChild(exec.CommandContext(ctx, must(os.Executable()), args...), ownAddress)
}

func untilOrphaned(address string) {
	fmt.Fprintln(os.Stderr, "serving on", address)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startChild starts a command and waits for the line of its stderr that has the
// address.
func startChild(command *exec.Cmd, line *regexp.Regexp) *child {
	started := &child{command: command, input: must(command.StdinPipe())}
	log := must(command.StderrPipe())
	check(command.Start())
	var seen strings.Builder
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if match := line.FindStringSubmatch(lines.Text()); match != nil {
			started.address = match[1]
			go func() { _, _ = io.Copy(io.Discard, log) }() // ends with the process
			return started
		}
		fmt.Fprintln(&seen, lines.Text())
	}
	started.end()
	panic(failure{fmt.Errorf("%s ended and served nothing:\n%s", command, seen.String())})
}

func (c *child) end() {
	c.input.Close()
	_ = c.command.Process.Signal(os.Interrupt)
	_ = c.command.Wait()
}

// scrape scrapes the tasks of an exporter and wants to find so many.
func (c *child) scrape(ctx context.Context, want int) {
	request := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+"/api/v1/ckafka/datahub_tasks/metrics", nil))
	response := must(http.DefaultClient.Do(request)) //nolint:bodyclose // it is closed in the next line
	defer response.Body.Close()
	wantTasks(want, statuses("\n"+string(must(io.ReadAll(response.Body)))))
}

// cpu is the CPU time that the process has taken, in steps of 10 ms.
func (c *child) cpu() time.Duration {
	stat := string(must(os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))))
	// The name before may have anything in it, brackets and blanks included.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const utime, stime = 11, 12
	return time.Duration(must(strconv.Atoi(fields[utime]))+must(strconv.Atoi(fields[stime]))) * 10 * time.Millisecond
}

var vmHWM = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that the process has had resident, in bytes.
func (c *child) peak() float64 {
	status := must(os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid)))
	return 1024 * must(strconv.ParseFloat(string(vmHWM.FindSubmatch(status)[1]), 64))
}
