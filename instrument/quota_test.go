package instrument_test

import (
	"strconv"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// enforced is a cloud that takes 50 ms for a call and denies the 21st within any
// second.
var enforced = cloudsim.Options{QPS: 20, Latency: 50 * time.Millisecond}

func TestQuotaIsNeverBroken(t *testing.T) {
	for _, count := range []int{2000, 4500} {
		t.Run(strconv.Itoa(count), func(t *testing.T) {
			t.Parallel()
			patient := options
			patient.Timeout = time.Minute // the benchmark measures how long it takes
			rig := newRigOn(t, enforced, patient, "ap-guangzhou")
			rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", count)...)
			if have := len(rig.series(t, tasks, "datahub_task_status{")); have != count {
				t.Errorf("statuses: want %d, have %d", count, have)
			}
			calls := rig.cloud.Calls("", "")
			if want := (count + 99) / 100; len(calls) != want {
				t.Errorf("calls: want %d, have %d", want, len(calls))
			}
			for _, call := range calls {
				if call.Code != "" {
					t.Errorf("call at %d was answered with %s", call.Offset, call.Code)
				}
			}
		})
	}
}

func TestConnectionsAreReusedAcrossScrapes(t *testing.T) {
	rig := newRigOn(t, enforced, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 900)...)
	connections := func() map[string]bool {
		seen := map[string]bool{}
		for _, call := range rig.cloud.Calls("", "") {
			seen[call.Connection] = true
		}
		return seen
	}
	for range 3 {
		rig.scrape(t, tasks, "")
		rig.clock.advance(time.Minute)
	}
	if calls, have := len(rig.cloud.Calls("", "")), len(connections()); have > 9 {
		// There are nine if the connection of the first page was not returned in
		// time.
		t.Errorf("connections for %d calls, of which eight are made at once: want at most 9, have %d", calls, have)
	}
}

// BenchmarkColdScrape measures the first scrape of 2,000 tasks in one region, which
// takes 20 calls of 50 ms.
func BenchmarkColdScrape(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		rig := newRigOn(b, enforced, options, "ap-guangzhou")
		rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 2000)...)
		b.StartTimer()
		rig.scrape(b, tasks, "")
	}
}

// BenchmarkWarmScrape measures a scrape of 2,000 tasks that were listed just
// before.
func BenchmarkWarmScrape(b *testing.B) {
	rig := newRig(b, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 2000)...)
	rig.scrape(b, tasks, "")
	b.ReportAllocs()
	for b.Loop() {
		rig.scrape(b, tasks, "")
	}
}
