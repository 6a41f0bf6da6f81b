package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

// shortestTurn is how long a contender works at a stretch, at least: what takes
// less is repeated.
const shortestTurn = 50 * time.Millisecond

// A contender is one of two ways to the same result.
type contender struct {
	// gogc is the GOGC that the way runs with; 0 is Go's own default.
	gogc int
	// once is that the operation is not repeated within a turn, nor tried before.
	once bool
	// operate does it once, and fails unless the result is whole.
	operate func(context.Context) error
}

// exporterGOGC is what the exporter's main sets.
const exporterGOGC = 50

// figures are what one operation takes.
type figures struct {
	wall, cpu     float64 // seconds
	allocs, bytes float64
}

// duel lets both contenders work in turn, so that the noise of the machine hits
// both, and returns their medians.
func duel(ctx context.Context, turns int, theirs, ours contender) (their, our figures, err error) {
	contenders := []*contender{&theirs, &ours}
	seen := make([][]figures, 2)
	times := make([]int, 2)
	for i, contender := range contenders {
		if times[i], err = contender.times(ctx); err != nil {
			return their, our, err
		}
	}
	for range turns {
		for i, contender := range contenders {
			taken, err := contender.turn(ctx, times[i])
			if err != nil {
				return their, our, err
			}
			seen[i] = append(seen[i], taken)
		}
	}
	return medians(seen[0]), medians(seen[1]), nil
}

// times tries the operation and returns how often it fits into a turn.
func (c *contender) times(ctx context.Context) (int, error) {
	if c.once {
		return 1, nil
	}
	begin := time.Now()
	if err := c.operate(ctx); err != nil {
		return 0, err
	}
	return 1 + int(shortestTurn/(time.Since(begin)+1)), nil
}

func (c *contender) turn(ctx context.Context, times int) (figures, error) {
	gogc := c.gogc
	if gogc == 0 {
		gogc = 100
	}
	debug.SetGCPercent(gogc)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	wall, cpu := time.Now(), processCPU()
	for range times {
		if err := c.operate(ctx); err != nil {
			return figures{}, err
		}
	}
	spent, passed := processCPU()-cpu, time.Since(wall)
	runtime.ReadMemStats(&after)
	n := float64(times)
	return figures{
		wall:   passed.Seconds() / n,
		cpu:    spent.Seconds() / n,
		allocs: float64(after.Mallocs-before.Mallocs) / n,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}, nil
}

// processCPU is the CPU time of this process, on all cores, in user mode and in
// the kernel.
func processCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // only for wrong arguments
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func medians(of []figures) figures {
	return figures{
		wall:   median(of, func(f figures) float64 { return f.wall }),
		cpu:    median(of, func(f figures) float64 { return f.cpu }),
		allocs: median(of, func(f figures) float64 { return f.allocs }),
		bytes:  median(of, func(f figures) float64 { return f.bytes }),
	}
}

func median(of []figures, value func(figures) float64) float64 {
	var values []float64
	for _, f := range of {
		values = append(values, value(f))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
