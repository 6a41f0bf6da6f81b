package main

import (
	"context"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// shortestTurn is the minimum length of a turn: shorter operations are repeated.
const shortestTurn = 50 * time.Millisecond

// contender is one of two ways to get the same result.
type contender struct {
	// once says that the operation is neither repeated within a turn nor tried out
	// first.
	once bool
	// operate runs the operation once, and ends the run unless the result is
	// complete.
	operate func(context.Context)
	// cleanUp runs after each turn and is not measured; nil for nothing to do.
	cleanUp func()
}

// figures are the cost of one operation.
type figures struct {
	wall, cpu     float64 // seconds
	allocs, bytes float64
}

// duel runs both contenders in alternating turns, so that noise on the machine
// affects both, and returns their medians.
func duel(ctx context.Context, turns int, theirs, ours contender) (their, our figures) {
	theirTimes, ourTimes := theirs.times(ctx), ours.times(ctx)
	var theirTurns, ourTurns []figures
	for range turns {
		theirTurns = append(theirTurns, theirs.turn(ctx, theirTimes))
		ourTurns = append(ourTurns, ours.turn(ctx, ourTimes))
	}
	return medians(theirTurns), medians(ourTurns)
}

// times tries the operation and returns how often it fits into a turn.
func (c contender) times(ctx context.Context) int {
	if c.once {
		return 1
	}
	begin := time.Now()
	c.operate(ctx)
	return 1 + int(shortestTurn/(time.Since(begin)+1))
}

func (c contender) turn(ctx context.Context, times int) figures {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin, cpu := time.Now(), processCPU()
	for range times {
		c.operate(ctx)
	}
	spent, passed := processCPU()-cpu, time.Since(begin)
	runtime.ReadMemStats(&after)
	if c.cleanUp != nil {
		c.cleanUp()
	}
	n := float64(times)
	return figures{
		wall:   passed.Seconds() / n,
		cpu:    spent.Seconds() / n,
		allocs: float64(after.Mallocs-before.Mallocs) / n,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

// processCPU returns the CPU time of this process on all cores, user and system.
func processCPU() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func medians(of []figures) figures {
	median := func(value func(figures) float64) float64 {
		var values []float64
		for _, f := range of {
			values = append(values, value(f))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		wall:   median(func(f figures) float64 { return f.wall }),
		cpu:    median(func(f figures) float64 { return f.cpu }),
		allocs: median(func(f figures) float64 { return f.allocs }),
		bytes:  median(func(f figures) float64 { return f.bytes }),
	}
}
