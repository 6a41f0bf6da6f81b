package instrument_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"

	"datahub_exporter/internal/cloudsim"
)

// readsFrom returns a running task whose consumer group has some partitions, each a pair
// of its committed offset and the end of its log.
func readsFrom(id string, partitions ...[2]int64) cloudsim.Item {
	group := &cloudsim.Group{Topics: []cloudsim.Topic{{Name: "events"}}}
	for _, p := range partitions {
		group.Topics[0].Partitions = append(group.Topics[0].Partitions, cloudsim.Partition{Offset: p[0], LogEnd: p[1]})
	}
	if len(partitions) == 0 {
		group = nil
	}
	return cloudsim.Item{ID: id, Name: "n-" + id, Status: 1, Type: "SINK", Source: "TOPIC", Target: "ES", Group: group}
}

// progressOf returns the families of the progress of tasks.
func progressOf(body string) string {
	var families strings.Builder
	for line := range strings.Lines(body) {
		for _, part := range []string{"_consumer_", "_log_end_", "_stalled_", "_progress_"} {
			if strings.Contains(line, part) {
				families.WriteString(line)
			}
		}
	}
	return families.String()
}

func TestProgressIsExact(t *testing.T) {
	const pause = 100 * time.Millisecond
	progress := options
	progress.ProgressInterval, progress.MinInterval = pause, 0
	rig := newRig(t, progress, "ap-guangzhou", "ap-shanghai")
	set := func(end int64) {
		rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou",
			readsFrom("task-moves", [2]int64{end, end}, [2]int64{end - 2, end}), readsFrom("task-stands", [2]int64{5, end}, [2]int64{end, end}),
			readsFrom("task-waits", [2]int64{-1, end}), readsFrom("task-unknown"),
			cloudsim.Item{ID: "task-reads-a-database", Status: 1, Type: "SOURCE", Source: "MYSQL", Target: "TOPIC"})
	}
	// The ends of the log of the first two tasks are seen once they were polled.
	scrape := func(end string) string {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(pause / 10) {
			body, _ := rig.scrape(t, 0, "")
			if strings.Count(body, end+"\n") == 2 || time.Now().After(deadline) {
				return body
			}
		}
	}
	set(9)
	scrape("18")
	set(12)
	scrape("24")
	rig.clock.advance(2 * pause)
	set(13)
	text := scrape("26")
	golden(t, "progress.txt", progressOf(text))

	protobuf, contentType := rig.scrape(t, 0, acceptProtobuf)
	if diff := cmp.Diff(text, asText(t, protobuf, expfmt.Format(contentType))); diff != "" {
		t.Errorf("protobuf (-text +protobuf):\n%s", diff)
	}
}

// What the calls for the progress do changes no other series.
func TestProgressFailsAlone(t *testing.T) {
	for name, fault := range map[string]cloudsim.Fault{
		"hangs": cloudsim.Hang(), "denied": cloudsim.Error("UnauthorizedOperation", "no"), "fails": cloudsim.Error("InternalError", "sorry"),
		"throttled": cloudsim.Error("RequestLimitExceeded", "slow down"), "HTML": cloudsim.RawBody("text/html", "<html>"), "lies": cloudsim.RawBody("application/json",
			`{"Response":{"Result":{"TotalCount":1e300,"TopicList":[{"Topic":"a","Partitions":[{"Partition":-1,"Offset":1e300,"LogEndOffset":-5,"ErrorCode":"x"}]}]}}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			progress := options
			progress.ProgressInterval, progress.MinInterval = 50*time.Millisecond, 0
			if name == "hangs" {
				progress.Timeout = 3 * time.Second
			}
			with := newRig(t, progress, "ap-guangzhou")
			without := newRig(t, options, "ap-guangzhou")
			for _, rig := range []*rig{with, without} {
				rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", readsFrom("task-a", [2]int64{5, 9}), readsFrom("task-b", [2]int64{5, 9}))
				rig.cloud.Always(cloudsim.DescribeDatahubGroupOffsets, "", fault)
				rig.cloud.Always(cloudsim.DescribeDatahubTask, "", fault)
			}
			for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
				if body, _ := with.scrape(t, 0, ""); strings.Contains(body, "datahub_task_progress_up") {
					break
				}
			}
			with.clock.advance(time.Minute)
			without.clock.advance(time.Minute)
			have, _ := with.scrape(t, 0, "")
			want, _ := without.scrape(t, 0, "")
			if diff := cmp.Diff(withoutLines(want, "last_success"), withoutLines(have, "last_success", "_consumer_", "_log_end_", "_stalled_", "_progress_")); diff != "" {
				t.Errorf("(-without +with)\n%s", diff)
			}
		})
	}
}

// withoutLines returns a text without the lines that contain one of some parts.
func withoutLines(text string, parts ...string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		keep := true
		for _, part := range parts {
			keep = keep && !strings.Contains(line, part)
		}
		if keep {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
