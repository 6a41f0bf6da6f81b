package cloudsim

import (
	"maps"
	"math"
	"time"
)

// demoCycle is how long the story of the demonstration takes before it starts
// again.
const demoCycle = 12 * time.Minute

// Demo returns a fleet of connector tasks and connections in ap-guangzhou and
// ap-shanghai that repeats a story of 12 minutes: after a minute a connection fails,
// its tasks fail with it, and it recovers two minutes later; tasks pause and resume,
// are created and deleted.
// One task runs and yet commits nothing for 24 of every 36 minutes.
// What exists depends only on the time since start. At the start there are 12 tasks
// and 5 connections. One of the tasks is paused, one has failed and one is being
// created.
func Demo(start time.Time) Fleet { return demo{start} }

type demo struct{ start time.Time }

// life is the story of one item: what it is, and how its status changes over time.
type life struct {
	action, region string
	item           Item
	phases         []phase
}

// phase is a status that an item takes on at some time in the story and keeps until
// its next phase.
type phase struct {
	from    time.Duration
	status  int64
	message string
}

// gone is the status of an item that is not listed; no code of the API is that low.
const gone = math.MinInt64

// Items implements [Fleet].
func (d demo) Items(action, region string, now time.Time) (items []Item, known bool) {
	elapsed := max(now.Sub(d.start), 0)
	at := elapsed % demoCycle
	tasks := tasksBehind(at)
	for _, life := range demoLives() {
		known = known || life.region == region
		if life.action != action || life.region != region {
			continue
		}
		item, listed := life.at(at)
		if !listed {
			continue
		}
		if action == DescribeConnectResources {
			item.Fields = withField(item.Fields, "DatahubTaskCount", tasks[item.ID])
		}
		if item.Source == "TOPIC" {
			item.Group = demoGroup(item.ID, elapsed)
		}
		items = append(items, item)
	}
	return items, known
}

// runningMessages are the API's messages for items that are running.
var runningMessages = map[string]string{DescribeDatahubTasks: "运行中", DescribeConnectResources: "RUNNING"}

// at returns the item as it is at a given time in the story.
func (l life) at(at time.Duration) (item Item, listed bool) {
	current, next := l.phases[0], demoCycle
	for _, phase := range l.phases[1:] {
		if phase.from > at {
			next = phase.from
			break
		}
		current = phase
	}
	item = l.item
	item.Status, item.ErrorMessage = current.status, current.message
	if current.status == running {
		item.ErrorMessage = runningMessages[l.action]
	}
	if current.status == 0 {
		percent := math.Floor(100 * float64(at-current.from) / float64(next-current.from))
		item.Fields = withField(item.Fields, "TaskProgress", percent)
	}
	return item, current.status != gone
}

// tasksBehind counts the listed tasks that use each connection.
func tasksBehind(at time.Duration) map[string]int {
	count := map[string]int{}
	for _, life := range demoLives() {
		if item, listed := life.at(at); listed && item.Resource != "" {
			count[item.Resource]++
		}
	}
	return count
}

func withField(fields map[string]any, name string, value any) map[string]any {
	copied := map[string]any{name: value}
	maps.Copy(copied, fields)
	return copied
}

// The story of the task that stands although it runs.
const (
	standingTask  = "task-c8s3g7k4"
	standingCycle = 36 * time.Minute
	standsFrom    = 2 * time.Minute
	standsUntil   = 26 * time.Minute
)

// demoGroup returns the consumer group of a task, which commits what was written two
// seconds ago.
func demoGroup(id string, elapsed time.Duration) *Group {
	committed := elapsed - 2*time.Second
	if at := elapsed % standingCycle; id == standingTask && at >= standsFrom && at < standsUntil {
		committed = elapsed - at + standsFrom
	}
	topic := Topic{Name: "events"}
	for i := range 4 {
		written := func(at time.Duration) int64 { return 50_000 + int64(float64(9+2*i)*at.Seconds()) }
		topic.Partitions = append(topic.Partitions, Partition{Offset: written(committed), LogEnd: written(elapsed)})
	}
	return &Group{Topics: []Topic{topic}}
}
