package e2e

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// reader is a fleet with one running task that reads a topic to which ten messages a
// second are written.
type reader struct {
	cloudsim.Fleet
	start time.Time
	moves atomic.Bool // otherwise it commits nothing
}

func (r *reader) Items(action, region string, now time.Time) ([]cloudsim.Item, bool) {
	if action != cloudsim.DescribeDatahubTasks {
		return r.Fleet.Items(action, region, now)
	}
	committed := r.start
	if r.moves.Load() {
		committed = now.Add(-time.Second)
	}
	written := func(at time.Time) int64 { return 50_000 + int64(10*at.Sub(r.start).Seconds()) }
	item := task(0)
	item.Type, item.Source, item.Target = "SINK", "TOPIC", "ES"
	item.Group = &cloudsim.Group{Topics: []cloudsim.Topic{{
		Name: "events", Partitions: []cloudsim.Partition{{Offset: written(committed), LogEnd: written(now)}},
	}}}
	return []cloudsim.Item{item}, true
}

// A task that stands is told until it moves again, whatever happens to the calls for its
// progress and to the exporter. The exporter asks once a minute, the shortest interval;
// everything else is as fast as on other nights.
func TestNightOfATaskThatStands(t *testing.T) {
	t.Parallel()
	const alert = "CKafkaTaskStalled"
	task := &reader{Fleet: cloudsim.NewInventory(region), start: time.Now()}
	n := &night{t: t, cloud: serveFleet(t, task, region)}
	n.exporters = []*drilledExporter{newDrilledExporter(t, n.cloud, append(nightFlags(), "--ckafka.progress-interval=1m")...)}
	config := n.config(&story{rules: "rules-recommended.yml", spoil: func(rule document) {
		if rule["record"] == "datahub_task:stalled:last_known" {
			rule["expr"] = strings.ReplaceAll(rule["expr"].(string), "> 900", "> 30")
		}
	}})
	prometheus := startPrometheus(t, "prometheus2", config, "--query.lookback-delta="+(5*minute).String())
	prometheus.awaitValue(t, `datahub_task_stalled_partitions`, 1)
	prometheus.awaitFiring(t, alert, 1)
	begin := time.Now()

	// The exporter restarts while the calls fail: all that it knew is gone.
	n.cloud.Always(cloudsim.DescribeDatahubGroupOffsets, "", refused)
	n.exporters[0].kill()
	n.exporters[0].run(t)
	prometheus.awaitValue(t, `1 - datahub_task_progress_up`, 1)
	n.cloud.Always(cloudsim.DescribeDatahubGroupOffsets, "", nil)
	prometheus.awaitValue(t, `count(datahub_task_consumer_lag)`, 1)
	for i, alerts := range prometheus.timeline(t, begin, time.Now()) {
		if !alerts.fires(alert) {
			t.Fatalf("%v after it began, the alert does not fire, although the task stands", time.Duration(i)*timelineStep)
		}
	}

	task.moves.Store(true)
	prometheus.awaitValue(t, `count(datahub_task_stalled_seconds == 0)`, 1)
	prometheus.awaitFiring(t, alert, 0)
}
