//go:build soak && linux

package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// What the progress of 2,000 tasks with eight partitions each may cost.
const (
	progressMemory = 40_000_000 // bytes more than without
	progressRatio  = 1.5        // of medians that should be equal
)

// progressCloud has 2,000 tasks that read from a topic.
func progressCloud(t *testing.T) (*cloudsim.Server, string) {
	t.Helper()
	tasks := make([]cloudsim.Item, soakTasks)
	for i := range tasks {
		topic := cloudsim.Topic{Name: "events", Partitions: make([]cloudsim.Partition, 8)}
		for j := range topic.Partitions {
			topic.Partitions[j] = cloudsim.Partition{Offset: int64(1000 * j), LogEnd: int64(1000*j + i)}
		}
		tasks[i] = cloudsim.Item{
			ID: fmt.Sprintf("task-%08d", i), Name: fmt.Sprintf("orders-sink-%d", i), Status: 1, Type: "SINK", Source: "TOPIC", Target: "ES",
			Group: &cloudsim.Group{Topics: []cloudsim.Topic{topic}},
		}
	}
	fleet := cloudsim.NewInventory("ap-guangzhou")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", tasks...)
	return serveFleet(t, fleet)
}

// Progress takes little memory, its series cost a scrape no more than others, and calls
// for it that hang delay no scrape.
func TestProgressCost(t *testing.T) {
	_, conf := progressCloud(t)
	hanging, hangingConf := progressCloud(t)
	hanging.Always(cloudsim.DescribeDatahubGroupOffsets, "", cloudsim.Hang())
	const interval = "--ckafka.progress-interval=1m"
	processes := []*process{
		startProcess(t, conf), startProcess(t, conf, "--ckafka.qps=1000", interval), startProcess(t, hangingConf, "--ckafka.qps=1000", interval),
	}
	without, with := processes[0], processes[1]
	took, series := make([][]time.Duration, len(processes)), make([]int, len(processes))
	for end := time.Now().Add(80 * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		for i, p := range processes {
			begin := time.Now()
			_, body := p.get(t, source.TaskKind().Path)
			took[i] = append(took[i], time.Since(begin))
			series[i] = strings.Count(body, "\ndatahub_task_")
		}
	}
	if want := series[0] + 5*soakTasks + 2 - 2*soakTasks; series[1] < want {
		t.Errorf("series: want at least %d with the progress, have %d", want, series[1])
	}
	var medians []float64
	for i := range took {
		slices.Sort(took[i])
		medians = append(medians, took[i][len(took[i])/2].Seconds())
	}
	each := func(i int) float64 { return medians[i] / float64(series[i]) }
	grown := peakRSS(t, with.command) - peakRSS(t, without.command)
	t.Logf("median scrape without %.1f ms, with %.1f ms (per series %.2f of that without), with calls that hang %.1f ms; %.1f MB more memory",
		1000*medians[0], 1000*medians[1], each(1)/each(0), 1000*medians[2], float64(grown)/1e6)
	if grown > progressMemory {
		t.Errorf("memory: want at most %d bytes more, have %d", progressMemory, grown)
	}
	if each(1) > progressRatio*each(0) || medians[2] > progressRatio*medians[0] {
		t.Errorf("want about the same time per series, and with calls that hang")
	}
	for _, p := range processes {
		p.stop(t)
	}
}
