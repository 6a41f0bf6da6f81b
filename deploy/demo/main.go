// Command demo shows the whole chain on a simulated cloud: the exporter, a real
// Prometheus with the recommended rules, a real Alertmanager with the shipped routes,
// and each message as a phone shows it. Run it in the top folder of the repository;
// docs/operations.md describes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	prometheus := flag.String("prometheus", "", "the Prometheus to run, 2.42 or newer; by default the one in the PATH")
	alertmanager := flag.String("alertmanager", "", "the Alertmanager to run, 0.25 or newer; by default the one in the PATH")
	language := flag.String("lang", "en", "the language of the messages, en or zh")
	flag.Parse()
	if err := run(*prometheus, *alertmanager, *language); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run runs the demo until a signal ends it or a program fails.
func run(prometheus, alertmanager, language string) error {
	words, known := languages[language]
	if !known {
		return fmt.Errorf("-lang is %q; write en or zh", language)
	}
	prometheus, noPrometheus := find("Prometheus 2.42 or newer", "-prometheus", prometheus, "prometheus")
	alertmanager, noAlertmanager := find("Alertmanager 0.25 or newer", "-alertmanager", alertmanager, "alertmanager", "prometheus-alertmanager")
	if err := errors.Join(noPrometheus, noAlertmanager); err != nil {
		return err
	}
	// SIGPIPE too: the programs must not outlive a demo whose output nobody reads.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if err := show(ctx, prometheus, alertmanager, words); ctx.Err() == nil {
		return err
	}
	return nil
}

// show builds, configures and runs everything in a temporary folder until ctx ends.
func show(ctx context.Context, prometheus, alertmanager string, words language) error {
	folder, err := os.MkdirTemp("", "datahub_exporter_demo")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	exporter, err := build(ctx, folder)
	if err != nil {
		return err
	}
	messages, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer messages.Close()
	addresses, err := freeAddresses(ctx)
	if err != nil {
		return err
	}
	addresses.messages = messages.Addr().String()
	if err := configure(folder, addresses, words); err != nil {
		return err
	}
	fmt.Printf(words.story, addresses.exporter, addresses.prometheus, addresses.alertmanager)
	return runAll(ctx, messages, []program{
		{"datahub_exporter", folder, exporter, []string{"--demo", "--ckafka.min-interval=5s", "--web.listen-address=" + addresses.exporter}},
		{"Prometheus", folder, prometheus, []string{
			"--config.file=prometheus-recommended.yml", "--storage.tsdb.path=prometheus",
			"--web.listen-address=" + addresses.prometheus, "--web.external-url=http://" + addresses.prometheus,
		}},
		{"Alertmanager", folder, alertmanager, []string{
			"--config.file=alertmanager.yml", "--storage.path=alertmanager", "--cluster.listen-address=",
			"--web.listen-address=" + addresses.alertmanager, "--web.external-url=http://" + addresses.alertmanager,
		}},
	})
}

// find returns the given program, or the first of the names that is in the PATH.
func find(what, option, given string, names ...string) (string, error) {
	if given != "" {
		names = []string{given}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("found no %s; install %s (https://prometheus.io/download/, or your system's package), or name it with %s",
		strings.Join(names, " or "), what, option)
}

// build builds the exporter into the folder.
func build(ctx context.Context, folder string) (string, error) {
	fmt.Println("Building datahub_exporter …")
	command := exec.CommandContext(ctx, "go", "build", "-o", folder+string(filepath.Separator), ".")
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("build datahub_exporter: %w", err)
	}
	return filepath.Join(folder, "datahub_exporter"), nil
}

// freeAddresses returns addresses on which nothing listens.
func freeAddresses(ctx context.Context) (addresses, error) {
	var free addresses
	for _, address := range []*string{&free.exporter, &free.prometheus, &free.alertmanager} {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return free, err
		}
		defer listener.Close() // only at the end, so that none is found twice
		*address = listener.Addr().String()
	}
	return free, nil
}

// program is one that runs in the folder until the demo ends.
type program struct {
	name, folder, path string
	args               []string
}

// runAll prints the messages and runs the programs until ctx ends or one fails.
func runAll(ctx context.Context, messages net.Listener, programs []program) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return printMessages(ctx, messages) })
	for _, program := range programs {
		group.Go(func() error { return program.run(ctx) })
	}
	return group.Wait()
}

// run runs the program until ctx ends. If it ends earlier, that is an error with
// what it printed last.
func (p program) run(ctx context.Context) error {
	output, err := os.Create(filepath.Join(p.folder, p.name+".log"))
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.CommandContext(ctx, p.path, p.args...)
	command.Dir, command.Stdout, command.Stderr = p.folder, output, output
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second // then it is killed
	err = command.Run()
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		err = errors.New("exit status 0")
	}
	printed, _ := os.ReadFile(output.Name())
	lines := strings.Split(strings.TrimSpace(string(printed)), "\n")
	return fmt.Errorf("%s ended (%w); it printed last:\n%s", p.name, err, strings.Join(lines[max(0, len(lines)-10):], "\n"))
}
