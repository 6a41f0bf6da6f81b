package pacing_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"datahub_exporter/pacing"
)

// number returns one of the runtime's metrics.
func number(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

const (
	percent = "/gc/gogc:percent"
	goal    = "/gc/heap/goal:bytes"
)

// newPacer returns a Pacer whose effect ends with the test.
func newPacer(t *testing.T) *pacing.Pacer {
	t.Helper()
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	return pacing.New()
}

func TestASmallHeapGrowsToTheFloorInABurst(t *testing.T) {
	pacer := newPacer(t)
	want := func(when string, isFloor bool) {
		t.Helper()
		if have := number(percent); (have == pacing.Percent) == isFloor {
			t.Errorf("%s: %d %%", when, have)
		}
		if have := number(goal); isFloor && (have < pacing.Floor*9/10 || have > pacing.Floor*11/10) {
			t.Errorf("%s: want a goal of about %d bytes, have %d", when, pacing.Floor, have)
		}
	}
	want("before", false)
	runtime.GC()
	outer, inner := pacer.Begin(), pacer.Begin()
	want("in a burst", true)
	live := make([]byte, 4<<20)
	runtime.GC()
	pacer.Adapt()
	want("after the heap has grown", true)
	runtime.KeepAlive(live)
	outer()
	want("while another burst goes on", true)
	inner()
	want("afterwards", false)
	pacer.Adapt()
	want("outside of a burst", false)
}

func TestALargeHeapIsCollectedAsOftenInABurst(t *testing.T) {
	pacer := newPacer(t)
	live := make([]byte, 2*pacing.Floor)
	runtime.GC()
	defer pacer.Begin()()
	if have := number(percent); have != pacing.Percent {
		t.Errorf("want %d %%, have %d %%", pacing.Percent, have)
	}
	runtime.KeepAlive(live)
}

func TestNoPacer(t *testing.T) {
	var pacer *pacing.Pacer
	before := number(percent)
	end := pacer.Begin()
	pacer.Adapt()
	end()
	if have := number(percent); have != before {
		t.Errorf("want %d %%, have %d %%", before, have)
	}
}
