package source

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// groups is a cloud with one task for each of its groups.
type groups struct {
	mu     sync.Mutex
	tasks  []Item
	answer map[string][]Partition // by the name of the group
	named  map[string]string      // the group of a task, by its ID
	fail   map[Action]error
	calls  []string
	at     []time.Time
}

func newGroups(ids ...string) *groups {
	g := &groups{answer: map[string][]Partition{}, named: map[string]string{}, fail: map[Action]error{}}
	for _, id := range ids {
		g.tasks = append(g.tasks, Item{ID: id, Status: 1, Details: &Details{Source: End{Type: "KAFKA", Resource: "ckafka-a", Topic: "orders"}}})
	}
	return g
}

// set sets the partitions of a group, each a pair of its committed offset and the end of
// its log.
func (g *groups) set(group string, partitions ...[2]int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer[group] = nil
	for i, p := range partitions {
		g.answer[group] = append(g.answer[group], Partition{Topic: "orders", Number: int64(i), Offset: p[0], LogEnd: p[1], Failed: p[1] < 0})
	}
}

func (g *groups) call(action Action, what string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls, g.at = append(g.calls, fmt.Sprint(action, " ", what)), append(g.at, time.Now())
	return g.fail[action]
}

// taken returns the calls since it was last called.
func (g *groups) taken() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	calls := g.calls
	g.calls = nil
	return calls
}

func (g *groups) lister() Lister {
	return Lister{
		Target: Target{Account: "common", Region: "ap-guangzhou", Action: Tasks},
		List: func(context.Context, int64) (Page, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			return Page{Items: slices.Clone(g.tasks), Total: float64(len(g.tasks))}, nil
		},
		Offsets: func(_ context.Context, query OffsetsQuery) (OffsetsPage, error) {
			if err := g.call(query.Action, query.Group); err != nil {
				return OffsetsPage{}, err
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			return OffsetsPage{Partitions: g.answer[query.Group], Topics: 1, Total: 1}, nil
		},
		Group: func(_ context.Context, id string) (string, error) {
			if err := g.call(SingleTask, id); err != nil {
				return "", err
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			return g.named[id], nil
		},
	}
}

const interval = 5 * time.Minute

// watched is a source whose progress is asked for, observed once a minute.
type watched struct {
	*Source
	*groups
	until time.Time // a second before the end of a round
}

func watch(g *groups) *watched {
	return newWatched(newSource(g.lister(), Options{Timeout: 8 * time.Second, MinInterval: 10 * time.Second, StaleAfter: interval, ProgressInterval: interval}), g)
}

func newWatched(source *Source, g *groups) *watched {
	return &watched{Source: source, groups: g, until: time.Now().Add(-time.Second)}
}

// after lets time pass, while the source is observed, and returns what is known. Rounds
// begin a second later than multiples of the interval.
func (w *watched) after(d time.Duration) *Progress {
	w.until = w.until.Add(d)
	for time.Now().Before(w.until) {
		w.Snapshot(context.Background())
		time.Sleep(min(time.Minute, time.Until(w.until)))
	}
	synctest.Wait()
	return w.Last().Progress
}

// A partition is stalled once its offset stands while its log moves on, and until the
// offset moves or nothing is left.
func TestStalled(t *testing.T) {
	tests := map[string]struct {
		polls [][][2]int64 // of each poll, its partitions
		// partitions and seconds are stalled after the last poll; absent is whether that
		// is unknown.
		partitions, seconds int
		absent              bool
	}{
		"one poll tells nothing":              {polls: [][][2]int64{{{5, 9}}}, absent: true},
		"it keeps up":                         {polls: [][][2]int64{{{5, 5}}, {{9, 9}}, {{12, 12}}}},
		"it is behind and commits":            {polls: [][][2]int64{{{5, 90}}, {{6, 120}}, {{7, 150}}}},
		"it stands from the second poll on":   {polls: [][][2]int64{{{5, 9}}, {{5, 12}}}, partitions: 1},
		"it stands for three polls":           {polls: [][][2]int64{{{5, 9}}, {{5, 12}}, {{5, 13}}, {{5, 14}}}, partitions: 1, seconds: 600},
		"nothing new comes while it stands":   {polls: [][][2]int64{{{5, 9}}, {{5, 12}}, {{5, 12}}}, partitions: 1, seconds: 300},
		"it moves again":                      {polls: [][][2]int64{{{5, 9}}, {{5, 12}}, {{6, 20}}}},
		"it is set back":                      {polls: [][][2]int64{{{5, 9}}, {{5, 12}}, {{2, 20}}}},
		"what waited was deleted and re-read": {polls: [][][2]int64{{{5, 9}}, {{5, 12}}, {{5, 5}}}},
		"the topic is idle":                   {polls: [][][2]int64{{{5, 5}}, {{5, 5}}, {{5, 5}}}},
		"a late message is read":              {polls: [][][2]int64{{{5, 5}}, {{5, 5}}, {{5, 6}}, {{6, 6}}}},
		"lag that nobody can read":            {polls: [][][2]int64{{{5, 9}}, {{5, 9}}, {{5, 9}}}},
		"one of eight": {
			polls: [][][2]int64{
				{{1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
				{{5, 5}, {5, 5}, {5, 5}, {1, 5}, {5, 5}, {5, 5}, {5, 5}, {5, 5}},
				{{9, 9}, {9, 9}, {9, 9}, {1, 9}, {9, 9}, {9, 9}, {9, 9}, {9, 9}},
			},
			partitions: 1, seconds: 300,
		},
		"a partition fails and answers again": {polls: [][][2]int64{{{5, 9}}, {{5, 12}}, {{0, -1}}, {{5, 14}}}, partitions: 1, seconds: 600},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(newGroups("task-a"))
				defer w.Close()
				for _, partitions := range test.polls {
					w.set("datahub-task-a", partitions...)
					w.after(interval)
				}
				have := w.Last().Progress.Of("task-a")
				if have == nil {
					t.Fatal("want the task's progress, have none")
				}
				if have.Judged == test.absent || have.StalledPartitions != test.partitions || have.Stalled != time.Duration(test.seconds)*time.Second {
					t.Errorf("want %d partitions for %d s (absent: %t), have %+v", test.partitions, test.seconds, test.absent, *have)
				}
			})
		})
	}
}

// The sums are over the partitions in which the group has committed.
func TestProgressSums(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newGroups("task-a"))
		defer w.Close()
		w.set("datahub-task-a", [2]int64{5, 9}, [2]int64{7, 7}, [2]int64{-1, 100}, [2]int64{20, 18}, [2]int64{3, -1})
		have := w.after(interval).Of("task-a")
		want := &TaskProgress{Known: true, Lag: 4, Offset: 32, LogEnd: 34}
		if diff := cmp.Diff(want, have, cmpopts.IgnoreFields(TaskProgress{}, "Polled")); diff != "" {
			t.Errorf("(-want +have)\n%s", diff)
		}
	})
}

// A group that has never committed is found; that it has not is known once there are
// messages.
func TestNeverCommitted(t *testing.T) {
	for written, want := range map[int64]bool{0: false, 100: true} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(newGroups("task-a"))
			defer w.Close()
			w.set("datahub-task-a", [2]int64{-1, written}, [2]int64{-1, 0})
			have := w.after(interval)
			if task := have.Of("task-a"); have.NotFound != 0 || task.Known || task.NeverCommitted != want {
				t.Errorf("%d messages: want %t, have %+v", written, want, task)
			}
		})
	}
}

// Only running tasks that read from a topic are asked for: an instance of CKafka or an
// elastic topic, not a Kafka of one's own or a database.
func TestWhoIsPolled(t *testing.T) {
	task := func(id string, status float64, end End) Item {
		return Item{ID: id, Status: status, Details: &Details{Source: end}}
	}
	synctest.Test(t, func(t *testing.T) {
		g := newGroups()
		g.tasks = []Item{
			task("instance", 1, End{Type: "KAFKA", Resource: "ckafka-a", Topic: "b, a,b"}),
			task("many", 1, End{Type: "KAFKA", Resource: "ckafka-a", Topics: "d,c"}),
			task("pattern", 1, End{Type: "KAFKA", Resource: "ckafka-a", Topics: "d", Pattern: true}),
			task("elastic", 1, End{Type: "TOPIC", Resource: "1250000000-t"}),
			task("paused", 6, End{Type: "KAFKA", Resource: "ckafka-a"}),
			task("own", 1, End{Type: "KAFKA", Resource: "resource-x"}),
			task("database", 1, End{Type: "MYSQL", Resource: "resource-y"}),
			task("nothing", 1, End{}),
			{ID: "bare", Status: 1},
		}
		var queries []string
		lister := g.lister()
		lister.Offsets = func(_ context.Context, q OffsetsQuery) (OffsetsPage, error) {
			queries = append(queries, fmt.Sprint(q.Action, " ", q.Instance, " ", q.Topics, " ", q.Group, " ", q.Offset))
			return OffsetsPage{Partitions: []Partition{{}}, Topics: 1, Total: 1}, nil
		}
		source := newSource(lister, Options{Timeout: time.Second, ProgressInterval: interval})
		defer source.Close()
		source.Snapshot(t.Context())
		time.Sleep(interval)
		synctest.Wait()
		slices.Sort(queries)
		want := []string{
			"DescribeDatahubGroupOffsets 1250000000-t [] datahub-elastic 0",
			"DescribeGroupOffsets ckafka-a [] datahub-pattern 0",
			"DescribeGroupOffsets ckafka-a [a b] datahub-instance 0",
			"DescribeGroupOffsets ckafka-a [c d] datahub-many 0",
		}
		if diff := cmp.Diff(want, queries); diff != "" {
			t.Errorf("(-want +have)\n%s", diff)
		}
	})
}

// A task takes one call a round. Only where its group has committed nothing, the API is
// asked for the group's name, once and again each hour.
func TestCallsOfARound(t *testing.T) {
	tests := map[string]struct {
		committed, named string
		first, later     []string
		found            bool
	}{
		"the usual group": {
			committed: "datahub-task-a", found: true,
			first: []string{"DescribeGroupOffsets datahub-task-a"}, later: []string{"DescribeGroupOffsets datahub-task-a"},
		},
		"another group": {
			committed: "own", named: "own", found: true,
			first: []string{"DescribeGroupOffsets datahub-task-a", "DescribeDatahubTask task-a", "DescribeGroupOffsets own"},
			later: []string{"DescribeGroupOffsets own"},
		},
		"no group is named": {
			first: []string{"DescribeGroupOffsets datahub-task-a", "DescribeDatahubTask task-a"}, later: []string{"DescribeGroupOffsets datahub-task-a"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(newGroups("task-a"))
				defer w.Close()
				if test.committed != "" {
					w.set(test.committed, [2]int64{5, 9})
				}
				w.named["task-a"] = test.named
				w.after(time.Minute)
				if diff := cmp.Diff(test.first, w.taken()); diff != "" {
					t.Errorf("first round (-want +have)\n%s", diff)
				}
				w.after(interval)
				if diff := cmp.Diff(test.later, w.taken()); diff != "" {
					t.Errorf("second round (-want +have)\n%s", diff)
				}
				w.after(interval)
				have := w.Last().Progress
				if have.Of("task-a").Known != test.found || (have.NotFound == 0) != test.found || have.Up == nil || !*have.Up {
					t.Errorf("found: want %t, have %+v", test.found, have)
				}
				w.taken()
				w.after(time.Hour)
				if asked := slices.Contains(w.taken(), "DescribeDatahubTask task-a"); asked == test.found {
					t.Errorf("asked again for the name within the hour: %t", asked)
				}
			})
		})
	}
}

// The calls of a round are spread over the interval.
func TestRoundIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		for i := range 300 {
			ids = append(ids, fmt.Sprintf("task-%03d", i))
		}
		w := watch(newGroups(ids...))
		defer w.Close()
		for _, id := range ids {
			w.set("datahub-"+id, [2]int64{1, 1})
		}
		w.after(2 * interval)
		perSecond := map[int64]int{}
		for _, at := range w.at {
			perSecond[at.Unix()]++
		}
		if have := slices.Max(slices.Collect(maps.Values(perSecond))); len(w.at) != 600 || have > 2 {
			t.Errorf("want 600 calls, one or two a second; have %d, up to %d a second", len(w.at), have)
		}
	})
}

// Where the calls are denied, one a round finds out whether they still are.
func TestDeniedProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newGroups("task-a", "task-b", "task-c"))
		defer w.Close()
		for _, id := range []string{"a", "b", "c"} {
			w.set("datahub-task-"+id, [2]int64{5, 9})
		}
		w.fail[GroupOffsets] = &Error{Class: Permission, Code: "UnauthorizedOperation"}
		for range 3 {
			have := w.after(interval)
			if calls := w.taken(); len(calls) != 1 || *have.Up {
				t.Errorf("while denied: want one call a round and progress that is not up, have %v, %+v", calls, have)
			}
		}
		delete(w.fail, GroupOffsets)
		w.after(interval)
		have := w.after(time.Minute)
		if len(have.Tasks) != 3 || !*have.Up {
			t.Errorf("once allowed: have %+v", have)
		}
	})
}

// A failure is none of the source's, ends no stall and begins none; what was known stays
// for three rounds.
func TestOutageOfProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newGroups("task-a"))
		defer w.Close()
		w.set("datahub-task-a", [2]int64{5, 9})
		w.after(interval)
		w.set("datahub-task-a", [2]int64{5, 12})
		w.after(2 * interval)
		w.fail[GroupOffsets] = &Error{Class: Server, Code: "InternalError"}
		for range 2 {
			have := w.after(interval)
			if task := have.Of("task-a"); task == nil || task.Stalled != interval || *have.Up {
				t.Errorf("in the outage: want what was known and progress that is not up, have %+v", have)
			}
		}
		if have := w.after(2 * interval); have.Of("task-a") != nil {
			t.Errorf("after three rounds: want nothing, have %+v", have.Of("task-a"))
		}
		if have := w.Last(); have.Failures != 0 || !have.Up() || have.Err != nil {
			t.Errorf("the source: want no failure, have %+v", have)
		}
		delete(w.fail, GroupOffsets)
		if have := w.after(interval).Of("task-a"); have == nil || have.StalledPartitions != 1 || have.Stalled != interval {
			t.Errorf("after the outage: want a stall as long as before, have %+v", have)
		}
	})
}

// While nothing new is known, the snapshot is the same: what is made of it is kept.
func TestSnapshotStaysTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newGroups("task-a"))
		defer w.Close()
		w.set("datahub-task-a", [2]int64{5, 9})
		w.after(time.Minute)
		if before := w.Last(); before.Progress.Of("task-a") == nil || w.Last() != before {
			t.Errorf("want the same snapshot twice, with progress: %+v", before.Progress)
		}
	})
}

// A pause counts as no stall, and ends none.
func TestPauseIsNoStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newGroups("task-a", "task-b"))
		defer w.Close()
		w.set("datahub-task-b", [2]int64{5, 5})
		w.set("datahub-task-a", [2]int64{5, 9})
		w.after(interval)
		w.set("datahub-task-a", [2]int64{5, 12})
		w.after(2 * interval)
		status := func(status float64) {
			w.groups.mu.Lock()
			defer w.groups.mu.Unlock()
			w.tasks[0].Status = status
		}
		status(6)
		w.after(2 * interval)
		status(1)
		if have := w.after(interval).Of("task-a"); have == nil || have.StalledPartitions != 1 || have.Stalled != interval {
			t.Errorf("after the pause: want a stall as long as before, have %+v", have)
		}
		if have := w.after(interval).Of("task-a"); have.Stalled != 2*interval {
			t.Errorf("and then: want it to go on, have %+v", have)
		}
	})
}

// Nobody observes, nothing is asked; that time does not count as a stall.
func TestProgressOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(newGroups("task-a"))
		defer w.Close()
		w.set("datahub-task-a", [2]int64{5, 9})
		w.after(interval)
		w.set("datahub-task-a", [2]int64{5, 12})
		w.after(interval)
		time.Sleep(interval)
		w.taken()
		time.Sleep(10 * time.Hour)
		w.until = time.Now().Add(-time.Second)
		if calls := w.taken(); len(calls) > 0 {
			t.Errorf("while nobody observes: want no call, have %v", calls)
		}
		if have := w.Last().Progress; have.Up != nil || len(have.Tasks) > 0 {
			t.Errorf("after ten hours: want nothing known, have %+v", have)
		}
		w.after(2 * interval)
		if have := w.Last().Progress.Of("task-a"); have.StalledPartitions != 1 || have.Stalled > 3*interval {
			t.Errorf("afterwards: want a stall that does not count the ten hours, have %+v", have)
		}
	})
}

// A reload keeps what is known of each task and uses the new lister; a task that a
// complete listing does not have any more is forgotten.
func TestProgressSurvivesReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroups("task-a", "task-b")
		set := Open([]Lister{g.lister()}, Options{Timeout: time.Second, ProgressInterval: interval})
		defer set.Close()
		w := newWatched(set.sources[0], g)
		g.set("datahub-task-a", [2]int64{5, 9})
		g.set("datahub-task-b", [2]int64{5, 9})
		w.after(interval)
		other := newGroups("task-a")
		other.set("datahub-task-a", [2]int64{5, 12})
		set.Reload([]Lister{other.lister()})
		g.taken()
		w.groups = other
		w.after(2 * interval)
		if have := w.Last().Progress; have.Of("task-a").StalledPartitions != 1 || have.Of("task-b") != nil || len(g.taken()) > 0 {
			t.Errorf("have %+v, and calls to the old cloud", have.Tasks)
		}
	})
}

// A round that is in progress uses the new lister from the next call on.
func TestReloadWithinARound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after := newGroups("task-a", "task-b"), newGroups("task-a", "task-b")
		for _, g := range []*groups{before, after} {
			g.set("datahub-task-a", [2]int64{5, 9})
			g.set("datahub-task-b", [2]int64{5, 9})
		}
		set := Open([]Lister{before.lister()}, Options{Timeout: time.Second, ProgressInterval: interval})
		defer set.Close()
		w := newWatched(set.sources[0], before)
		w.after(time.Minute)
		set.Reload([]Lister{after.lister()})
		w.after(interval - time.Minute)
		want := [][]string{{"DescribeGroupOffsets datahub-task-a"}, {"DescribeGroupOffsets datahub-task-b"}}
		if diff := cmp.Diff(want, [][]string{before.taken(), after.taken()}); diff != "" {
			t.Errorf("calls before and after (-want +have)\n%s", diff)
		}
	})
}

// A group with more topics than a page is read in pages, however many it claims.
func TestOffsetsArePaged(t *testing.T) {
	for claim, want := range map[int64]int{120: 3, 1 << 40: maxOffsetPages, 0: 1} {
		synctest.Test(t, func(t *testing.T) {
			g := newGroups("task-a")
			lister, pages := g.lister(), 0
			lister.Offsets = func(_ context.Context, q OffsetsQuery) (OffsetsPage, error) {
				pages++
				return OffsetsPage{Partitions: []Partition{{Topic: strconv.Itoa(q.Offset), Offset: 1, LogEnd: 3}}, Topics: 50, Total: claim}, nil
			}
			source := newSource(lister, Options{Timeout: time.Minute, ProgressInterval: interval})
			defer source.Close()
			source.Snapshot(t.Context())
			time.Sleep(time.Minute)
			synctest.Wait()
			if have := source.Last().Progress.Of("task-a"); pages != want || have.Lag != int64(2*want) {
				t.Errorf("claim %d: want %d pages, have %d and %+v", claim, want, pages, have)
			}
		})
	}
}

// A call that hangs delays nobody who observes.
func TestProgressDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroups("task-a", "task-b")
		lister := g.lister()
		lister.Offsets = func(ctx context.Context, _ OffsetsQuery) (OffsetsPage, error) {
			<-ctx.Done()
			return OffsetsPage{}, classify(ctx, ctx.Err())
		}
		source := newSource(lister, Options{Timeout: 8 * time.Second, ProgressInterval: interval})
		defer source.Close()
		begin := time.Now()
		for range 10 {
			source.Snapshot(t.Context())
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}
