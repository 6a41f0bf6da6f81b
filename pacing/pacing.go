// Package pacing decides how often the garbage collector runs. It knows nothing of
// what is in the heap.
//
// The exporter collects garbage whenever the heap has grown by 30 percent, not by
// 100 as Go does by default: a refresh leaves little behind, so that costs little,
// and it saves a tenth of the memory. But the first exposition of many items leaves
// several times as much garbage as the heap is large. Collected every 30 percent
// while the heap is still small, that takes half of its CPU time and saves nothing,
// because the heap will grow anyway. So meanwhile the heap may grow to a floor first.
package pacing

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// Percent is how much the heap grows between two collections.
	Percent = 30
	// Floor is the size, in bytes, up to which the heap grows while an exposition is
	// made. With 2,000 tasks the heap reaches 9 to 10 MB before each collection anyway
	// (go_memstats_next_gc_bytes), so the process becomes hardly larger.
	Floor = 10_500_000
	// most is the percentage at which Go's minimum heap, 4 MiB × GOGC/100, equals the
	// floor (https://go.dev/doc/gc-guide).
	most = Floor * 100 / (4 << 20)
)

// Pacer sets how often the garbage collector runs. It applies to the process, so
// there may be only one. It is safe for concurrent use. A nil Pacer does nothing.
type Pacer struct {
	mu      sync.Mutex
	bursts  int // that have not ended
	percent int // that is in effect
}

// New returns a Pacer, and sets the growth of the heap to Percent.
func New() *Pacer {
	debug.SetGCPercent(Percent)
	return &Pacer{percent: Percent}
}

// Begin begins a burst of garbage and returns what ends it.
func (p *Pacer) Begin() (end func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bursts++
	p.set(wanted())
	return p.end
}

func (p *Pacer) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bursts--; p.bursts == 0 {
		p.set(Percent)
	}
}

// Adapt adjusts the percentage to what survived the last collection. Call it about
// once per megabyte of garbage during a burst: until then the old percentage applies
// to the new heap.
func (p *Pacer) Adapt() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bursts > 0 {
		p.set(wanted())
	}
}

// set must be called with the lock held.
func (p *Pacer) set(percent int) {
	if percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}

// wanted returns the percentage by which what survived the last collection may grow
// to the floor. Go applies it to the sum of the live heap, the stacks and the global
// variables (https://go.dev/doc/gc-guide).
func wanted() int {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	live, base := samples[0].Value.Uint64(), uint64(0)
	for _, sample := range samples {
		base += sample.Value.Uint64()
	}
	if live >= Floor || base == 0 {
		return Percent
	}
	return min(max(Percent, int((Floor-live)*100/base)), most)
}
