// Command bench measures the exporter against what it replaces and against what it
// could have been built from, always in the same run, and prints one table. It runs
// on Linux.
//
//	go run . [-docs ../../docs] [-only NAME] [-smoke]
//
// It uses the exporter from outside: its packages, as package app wires them, and
// its binary. The cloud is internal/cloudsim in a separate process, so that the
// cloud's CPU time is not counted.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// failure is the value that check panics with.
type failure struct{ error }

// check ends the run if there is an error: a failed operation cannot be measured.
func check(err error) {
	if err != nil {
		panic(failure{err})
	}
}

// must returns the value, or ends the run if there is an error.
func must[T any](value T, err error) T {
	check(err)
	return value
}

// run is the program itself, or one of the child processes that it starts.
func run(ctx context.Context, args []string) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			failed, ok := cause.(failure)
			if !ok {
				panic(cause)
			}
			err = failed.error
		}
	}()
	process := ""
	if len(args) > 0 {
		process = args[0]
	}
	switch process {
	case "cloud":
		serveCloud(args[1:])
	case "original":
		serveOriginal(args[1:])
	default:
		measure(ctx, args)
	}
	return nil
}

// measure takes the measurements that the arguments ask for and prints the table.
func measure(ctx context.Context, args []string) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	docs := flags.String("docs", "", "folder whose performance.md and performance.svg are renewed; none by default")
	only := flags.String("only", "", "measure only this: cold, targets, refresh, exposition or processes")
	smoke := flags.Bool("smoke", false, "only show that everything runs: small, and each once")
	check(flags.Parse(args))
	b := &bench{sizes: full, scratch: must(os.MkdirTemp("", "bench"))}
	defer os.RemoveAll(b.scratch) //nolint:errcheck // it is temporary
	if *smoke {
		b.sizes, b.table.unjudged = small, true
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context)
	}{
		{"cold", b.coldScrape},
		{"targets", b.manyTargets},
		{"refresh", b.refreshCPU},
		{"exposition", b.exposition},
		{"processes", b.processes},
	} {
		if *only == "" || *only == part.name {
			part.measure(ctx)
		}
	}
	fmt.Print(b.table.markdown())
	if *docs != "" {
		b.renew(*docs)
	}
}

// bench is one run of all measurements.
type bench struct {
	sizes   sizes
	table   table
	growth  growth
	scratch string // removed at the end of the run
}

// sizes says how much is measured.
type sizes struct {
	cold    []int // tasks of each cold scrape
	series  []int // series of each exposition
	memory  []int // tasks of each process
	tasks   int   // tasks of a refresh and of a warm scrape
	targets int   // targets with 200 tasks each
	turns   int   // turns of each contender; the median counts

	build []string // build flags of the binary
}

var (
	full = sizes{
		cold: []int{200, 2000, 10_000}, series: []int{200, 2000, 20_000}, memory: []int{0, 2000, 20_000},
		tasks: 2000, targets: 100, turns: 5, build: []string{"-trimpath"},
	}
	// small has no build flags, like the build that .ci/run has already done.
	small = sizes{cold: []int{200}, series: []int{200}, memory: []int{0, 200}, tasks: 200, targets: 2, turns: 1}
)
