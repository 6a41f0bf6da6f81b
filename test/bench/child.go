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

// child is a process that serves HTTP on loopback.
type child struct {
	address string // host:port
	command *exec.Cmd
	input   io.Closer
}

// ownAddress matches the line in which this program's own processes report their
// address.
var ownAddress = regexp.MustCompile(`^serving on (\S+)`)

// startSelf starts this program as one of its child processes, which exits when its
// stdin is closed and so never outlives this one.
func startSelf(ctx context.Context, args ...string) *child {
	return startChild(exec.CommandContext(ctx, must(os.Executable()), args...), ownAddress)
}

func untilOrphaned(address string) {
	fmt.Fprintln(os.Stderr, "serving on", address)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startChild starts a command and waits for the line of its stderr that contains
// the address.
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

// scrape scrapes an exporter's tasks and ends the run unless there are want of
// them.
func (c *child) scrape(ctx context.Context, want int) {
	request := must(http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+"/api/v1/ckafka/datahub_tasks/metrics", nil))
	response := must(http.DefaultClient.Do(request)) //nolint:bodyclose // it is closed in the next line
	defer response.Body.Close()
	wantTasks(want, statuses("\n"+string(must(io.ReadAll(response.Body)))))
}

// cpu returns the CPU time that the process has used, in steps of 10 ms.
func (c *child) cpu() time.Duration {
	stat := string(must(os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))))
	// The name, which comes first, may contain anything, brackets and blanks
	// included.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const utime, stime = 11, 12
	return time.Duration(must(strconv.Atoi(fields[utime]))+must(strconv.Atoi(fields[stime]))) * 10 * time.Millisecond
}

var vmHWM = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak returns the peak resident memory of the process, in bytes.
func (c *child) peak() float64 {
	status := must(os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid)))
	return 1024 * must(strconv.ParseFloat(string(vmHWM.FindSubmatch(status)[1]), 64))
}
