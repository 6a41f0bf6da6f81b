package e2e

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"datahub_exporter/source/cloudsim"
)

// A night is told in minutes and takes as many seconds. What counts in minutes
// is scaled with it: the times of the rules, the scrape interval, the lookback
// and how long a status is kept. What counts in seconds is not: the timeout of a
// refresh, the pauses between its retries, the API's quota.
const (
	nightHurry = 60
	minute     = time.Minute / nightHurry
)

func nightFlags() []string {
	return []string{"--ckafka.min-interval=160ms", "--ckafka.timeout=800ms", "--ckafka.stale-after=" + (5 * minute).String()}
}

const (
	// notice is the longest until an alert tells of a broken item: the time of
	// the rules (2 minutes), a scrape, a refresh, an evaluation and a margin.
	notice = 5 * minute
	// linger is the longest that an alert stays once its item runs again: the
	// time that it is kept (5 minutes) and the same way.
	linger = 8 * minute
)

// story is what happens in a night, and which alerts it may bring.
type story struct {
	// tasks exist at the beginning; by default one runs and one is paused.
	tasks []cloudsim.Item
	// pair is whether there are two exporters.
	pair bool
	// events are in order of their minutes.
	events []event
	// lasts is how many minutes the night has; by default 14.
	lasts int
	// quiet is whether no alert at all may fire.
	quiet bool
}

// event is something that happens in a minute of the night.
type event struct {
	minute float64
	happen func(n *night)
}

// night is a story while it is told.
type night struct {
	t          *testing.T
	cloud      *cloud
	exporters  []*drilledExporter
	prometheus *prometheus
	tasks      []cloudsim.Item
	cut        bool // whether the exporters are kept from knowing the truth
	// broken and mended are the times since when each task that is broken, or
	// was, is so.
	past []spell
}

// spell is a time in which an item was broken.
type spell struct {
	id       string
	from, to time.Time // to is zero while it lasts
	// known is when its end could be known; zero until then.
	known time.Time
}

func (s *story) tell(t *testing.T) {
	n := newNight(t, s)
	begin := time.Now()
	n.reckon(begin)
	for _, event := range s.events {
		until(begin, event.minute)
		event.happen(n)
		n.reckon(time.Now())
	}
	until(begin, float64(max(s.lasts, 14)))
	end := time.Now()
	for i, alerts := range n.prometheus.timeline(t, begin, end) {
		at := begin.Add(time.Duration(i) * timelineStep)
		n.judge(alerts, at, float64(at.Sub(begin))/float64(minute))
		if s.quiet && len(alerts) > 0 {
			t.Errorf("minute %.1f: nothing should fire, and %v does", at.Sub(begin).Seconds(), alerts)
		}
		if t.Failed() {
			return // the first wrong moment tells it
		}
	}
}

// until waits for a minute of the night.
func until(begin time.Time, minutes float64) {
	time.Sleep(time.Until(begin.Add(time.Duration(minutes * float64(minute)))))
}

func newNight(t *testing.T, s *story) *night {
	t.Helper()
	tasks := s.tasks
	if tasks == nil {
		tasks = []cloudsim.Item{task(0), paused(1)}
	}
	n := &night{t: t, cloud: startCloud(t, tasks...), tasks: tasks}
	n.exporters = append(n.exporters, newDrilledExporter(t, n.cloud, nightFlags()...))
	if s.pair {
		n.exporters = append(n.exporters, newDrilledExporter(t, n.cloud, nightFlags()...))
	}
	n.prometheus = startPrometheus(t, "prometheus2", n.config(), "--query.lookback-delta="+(5*minute).String())
	n.prometheus.awaitValue(t, `count(datahub_task_status)`, float64(len(tasks)*len(n.exporters)))
	return n
}

// config is the shipped one, with an instance for each exporter of a pair.
func (n *night) config() string {
	config := readYAML(n.t, scrapeTheExporter)
	config["global"] = document{"evaluation_interval": evaluationInterval}
	for _, job := range config["scrape_configs"].([]any) {
		job := job.(document)
		job["scrape_interval"] = minute.String()
		shipped := job["static_configs"].([]any)[0].(document)
		shipped["targets"] = []string{n.exporters[0].address}
		if len(n.exporters) > 1 {
			job["static_configs"] = []any{shipped, document{
				"targets": []string{n.exporters[1].address}, "labels": document{"instance": "the other one"},
			}}
		}
	}
	return writeConfig(n.t, config, nightHurry)
}

// reckon takes down which tasks are broken from now on, and which no more.
func (n *night) reckon(now time.Time) {
	n.cloud.setTasks(n.tasks...)
	for i := range n.past {
		spell := &n.past[i]
		if spell.to.IsZero() && !n.isBroken(spell.id) {
			spell.to = now
		}
		if !spell.to.IsZero() && spell.known.IsZero() && !n.cut {
			spell.known = now
		}
	}
	for _, task := range n.tasks {
		lasting := slices.ContainsFunc(n.past, func(s spell) bool { return s.id == task.ID && s.to.IsZero() })
		if n.isBroken(task.ID) && !lasting {
			n.past = append(n.past, spell{id: task.ID, from: now})
		}
	}
}

func (n *night) isBroken(id string) bool {
	return slices.ContainsFunc(n.tasks, func(item cloudsim.Item) bool {
		_, odd := item.Fields["Status"]
		return item.ID == id && (item.Status != 1 || odd)
	})
}

// nothingKnown are the alerts that say that a status is not known.
var nothingKnown = []string{"datahub_exporter_down", "datahub_task_down", "datahub_task_listing_incomplete"}

// judge holds the alerts of a moment against the truth: what is broken has an
// alert, or one says that nothing is known; what is not has none.
func (n *night) judge(alerts []map[string]string, at time.Time, minutes float64) {
	blind, firing := false, map[string]bool{}
	for _, alert := range alerts {
		blind = blind || slices.Contains(nothingKnown, alert["alertname"])
		if alert["alertname"] == "datahub_task_status" {
			firing[alert["TaskId"]] = true
		}
	}
	excused := map[string]bool{}
	for _, spell := range n.past {
		lasts := spell.to.IsZero() || at.Before(spell.to)
		excused[spell.id] = excused[spell.id] || !at.Before(spell.from) && (lasts || spell.known.IsZero() || at.Before(spell.known.Add(linger)))
		if lasts && at.After(spell.from.Add(notice)) && !firing[spell.id] && !blind {
			n.t.Errorf("minute %.1f: %s is broken and nothing says so: %v", minutes, spell.id, alerts)
		}
	}
	for id := range firing {
		if !excused[id] {
			n.t.Errorf("minute %.1f: %s runs, and an alert says that it does not", minutes, id)
		}
	}
}

// set replaces a task by its ID, or adds it.
func set(item cloudsim.Item) func(n *night) {
	return func(n *night) {
		n.tasks = slices.DeleteFunc(slices.Clone(n.tasks), func(before cloudsim.Item) bool { return before.ID == item.ID })
		n.tasks = append(n.tasks, item)
	}
}

// delete takes a task away.
func deleted(i int) func(n *night) {
	return func(n *night) {
		n.tasks = slices.DeleteFunc(slices.Clone(n.tasks), func(item cloudsim.Item) bool { return item.ID == task(i).ID })
	}
}

// renamed gives a task a new name.
func renamed(item cloudsim.Item) cloudsim.Item {
	item.Name += "-renamed"
	return item
}

// fails makes each call for tasks fail.
func fails(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		n.cloud.Always("", "", fault)
		n.cut = true
	}
}

// answers ends every fault.
func answers(n *night) {
	n.cloud.Always("", "", nil)
	n.cut = false
}

// odd makes each listing of tasks odd.
func odd(fault cloudsim.Fault) func(n *night) {
	return func(n *night) {
		n.cloud.Always(cloudsim.DescribeDatahubTasks, "", fault)
		n.cut = fault != nil
	}
}

// dies kills an exporter.
func dies(i int) func(n *night) {
	return func(n *night) {
		n.exporters[i].kill()
		n.cut = len(n.exporters) == 1
	}
}

// returns runs an exporter again.
func returns(i int) func(n *night) {
	return func(n *night) {
		n.exporters[i].run(n.t)
		n.cut = false
	}
}

// restarts runs an exporter anew, without a change in what it can know.
func restarts(i int) func(n *night) {
	return func(n *night) {
		n.exporters[i].kill()
		n.exporters[i].run(n.t)
	}
}

// hurried is a reader that waits 50 ms for a scrape, three times a second, for
// the rest of the night.
func hurried(n *night) {
	ctx, cancel := context.WithCancel(n.t.Context())
	ended := make(chan struct{})
	n.t.Cleanup(func() { cancel(); <-ended })
	go func() {
		defer close(ended)
		tick := time.NewTicker(310 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				impatientScrape(ctx, n.exporters[0].address)
			}
		}
	}()
}

// impatientScrape may fail: all that matters is what it does to others.
func impatientScrape(ctx context.Context, address string) {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+tasksPath, nil)
	if err != nil {
		return
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "0.05")
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
}
