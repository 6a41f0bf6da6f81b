// Command bench measures the exporter beside what it replaces and beside what it
// could have been built of, always in the same run, and prints one table. It runs
// on Linux.
//
//	go run . [-docs ../docs] [-only NAME] [-smoke]
//
// It knows the exporter from outside: its packages, as bridge wires them, and its
// binary. The cloud is source/cloudsim in a process of its own, so that its work
// is nobody's CPU time.
package main

import (
	"context"
	"errors"
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

// run is the program, or one of the processes that it starts itself.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "cloud":
			return serveCloud(args[1:])
		case "original":
			return serveOriginal(args[1:])
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	docs := flags.String("docs", "", "folder whose performance.md and performance.svg are renewed; none by default")
	only := flags.String("only", "", "measure only this: cold, targets, refresh, exposition or processes")
	smoke := flags.Bool("smoke", false, "only show that everything runs: small, and each once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{sizes: full}
	if *smoke {
		b.sizes = small
	}
	if err := b.run(ctx, *only); err != nil {
		return err
	}
	fmt.Print(b.table.markdown())
	if *docs == "" {
		return nil
	}
	return b.renew(*docs)
}

// bench is one run of all measurements.
type bench struct {
	sizes   sizes
	table   table
	growth  growth
	scratch string // a folder that ends with the run
}

// sizes say how much is measured.
type sizes struct {
	cold    []int // tasks of a cold refresh
	series  []int // of an exposition
	memory  []int // tasks of a process
	tasks   int   // of a refresh, and of a warm scrape
	targets int   // of 200 tasks each
	turns   int   // of each contender; the median counts
}

var (
	full  = sizes{cold: []int{200, 2000, 10_000}, series: []int{200, 2000, 20_000}, memory: []int{0, 2000, 20_000}, tasks: 2000, targets: 100, turns: 5}
	small = sizes{cold: []int{200}, series: []int{200}, memory: []int{0, 200}, tasks: 200, targets: 2, turns: 1}
)

// run measures everything, or only what has the name.
func (b *bench) run(ctx context.Context, only string) (err error) {
	if b.scratch, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"cold", b.coldRefresh},
		{"targets", b.manyTargets},
		{"refresh", b.refreshCPU},
		{"exposition", b.exposition},
		{"processes", b.processes},
	} {
		if only != "" && only != part.name {
			continue
		}
		if err := part.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
