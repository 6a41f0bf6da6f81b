package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
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
func startSelf(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startChild(exec.CommandContext(ctx, self, args...), ownAddress)
}

func untilOrphaned(address string) error {
	fmt.Fprintln(os.Stderr, "serving on", address)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// startChild starts a command and waits for the line of its stderr that has the
// address.
func startChild(command *exec.Cmd, line *regexp.Regexp) (*child, error) {
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	log, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	started := &child{command: command, input: input}
	var seen strings.Builder
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if match := line.FindStringSubmatch(lines.Text()); match != nil {
			started.address = match[1]
			go func() { _, _ = io.Copy(io.Discard, log) }() // ends with the process
			return started, nil
		}
		fmt.Fprintln(&seen, lines.Text())
	}
	started.end()
	return nil, fmt.Errorf("%s ended and served nothing:\n%s", command, seen.String())
}

// end ends the process.
func (c *child) end() {
	c.input.Close()
	_ = c.command.Process.Signal(os.Interrupt)
	_ = c.command.Wait()
}

// cpu is the CPU time that the process has taken, in steps of 10 ms.
func (c *child) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name before may have anything in it, brackets and blanks included.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int
	for _, field := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

var vmHWM = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that the process has had resident, in bytes.
func (c *child) peak() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	match := vmHWM.FindSubmatch(status)
	if match == nil {
		return 0, fmt.Errorf("no VmHWM in:\n%s", status)
	}
	kilobytes, err := strconv.Atoi(string(match[1]))
	return float64(kilobytes) * 1024, err
}
