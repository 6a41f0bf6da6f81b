package source

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told is a change as a line, times as seconds since the start.
func told(changes []Change, start time.Time) string {
	var lines []string
	for _, change := range changes {
		line := fmt.Sprintf("%s %s>%s", change.ID, change.From.Name, change.To.Name)
		if change.Message != "" {
			line += " " + change.Message
		}
		if !change.Since.IsZero() {
			line += fmt.Sprintf(" after %v", change.Lasted())
		}
		if !change.After.IsZero() {
			line += fmt.Sprintf(" between %v and %v", change.After.Sub(start), change.At.Sub(start))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// an answer lists items, and claims that there are so many.
type answer struct {
	items []Item
	total float64
	err   error
}

func all(items ...Item) answer            { return answer{items, float64(len(items)), nil} }
func of(total int, items ...Item) answer  { return answer{items, float64(total), nil} }
func task(id string, status float64) Item { return Item{ID: id, Name: "name of " + id, Status: status} }

// What changed is told once, whatever happens in between; nothing else is.
func TestChanges(t *testing.T) {
	const minute = time.Minute
	failed := Item{ID: "a", Status: 9, Details: &Details{Message: "broken"}}
	outage := answer{err: errOutage}
	type step struct {
		after time.Duration
		answer
		want string
	}
	tests := map[string][]step{
		"a status": {
			{0, all(task("a", 1)), ""},
			{minute, all(failed), "a running>resume_failed broken"},
			{minute, all(failed), ""},
			{minute, all(task("a", 1)), "a resume_failed>running after 2m0s"},
		},
		"the message of a running task is no error": {
			{0, all(task("a", 6)), ""},
			{minute, all(Item{ID: "a", Status: 1, Details: &Details{Message: "运行中"}}), "a paused>running"},
		},
		"a name, or other details": {
			{0, all(task("a", 1)), ""},
			{minute, all(Item{ID: "a", Name: "new", Status: 1, Details: &Details{Description: "new"}}), ""},
		},
		"an item appears, and is gone": {
			{0, all(task("a", 1)), ""},
			{minute, all(task("a", 1), task("b", 0)), "b >creating"},
			{minute, all(task("b", 0)), "a running>"},
			{minute, all(), "b creating> after 2m0s"},
		},
		"failures first": {
			{0, all(task("a", 1), task("b", 1), task("c", 1)), ""},
			{minute, all(task("a", 6), task("b", 9), task("c", 6)), "b running>resume_failed; a running>paused; c running>paused"},
		},
		"an outage tells nothing": {
			{0, all(task("a", 1)), ""},
			{minute, outage, ""},
			{10 * minute, outage, ""},
			{minute, all(task("a", 1)), ""},
		},
		"after an outage, what changed during it": {
			{0, all(task("a", 1), task("b", 1)), ""},
			{minute, outage, ""},
			{10 * minute, outage, ""},
			{minute, all(failed, task("c", 1)), "a running>resume_failed broken between 0s and 12m0s; b running> between 0s and 12m0s; c >running between 0s and 12m0s"},
			{minute, all(failed, task("c", 1)), ""},
		},
		"nobody asked": {
			{0, all(task("a", 1)), ""},
			{time.Hour, all(task("a", 6)), "a running>paused between 0s and 1h0m0s"},
		},
		"an incomplete listing tells of what it lists": {
			{0, all(task("a", 1), task("b", 1)), ""},
			{minute, of(2, task("a", 6)), "a running>paused"},
			{10 * minute, of(2, task("a", 6)), ""}, // b is no longer kept
			{minute, all(task("a", 6), task("b", 9)), "b running>resume_failed between 0s and 12m0s"},
		},
		"an item that only incomplete listings lack is not gone, and does not appear again": {
			{0, all(task("a", 1), task("b", 1)), ""},
			{minute, of(2, task("a", 1)), ""},
			{10 * minute, of(2, task("a", 1)), ""},
			{minute, all(task("a", 1), task("b", 1)), ""},
			{minute, of(2, task("a", 1)), ""},
			{minute, all(task("a", 1)), "b running> between 12m0s and 14m0s"},
		},
		"a week later it is forgotten": {
			{0, all(task("a", 1), task("b", 1)), ""},
			{7*24*time.Hour + minute, of(2, task("a", 1)), ""},
			{minute, all(task("a", 1)), ""},
		},
		"what the first listings lacked may have been there": {
			{0, of(3, task("a", 1)), ""},
			{minute, outage, ""},
			{minute, all(task("a", 1), task("b", 9)), ""},
			{minute, all(task("a", 1), task("b", 1)), "b resume_failed>running"},
		},
		"no total proves nothing": {
			{0, answer{items: []Item{task("a", 1)}, total: math.NaN()}, ""},
			{minute, answer{items: []Item{task("b", 1)}, total: math.NaN()}, ""},
		},
		"no status is no change": {
			{0, all(task("a", 1)), ""},
			{minute, all(task("a", StatusUnknown)), ""},
			{minute, all(task("a", 1)), ""},
			{minute, all(task("a", StatusUnknown)), ""},
			{minute, all(failed), "a running>resume_failed broken between 2m0s and 4m0s"},
			{minute, all(task("a", StatusUnknown)), ""},
			{minute, all(), "a resume_failed> after 2m0s between 4m0s and 6m0s"},
		},
		"a first status is no change": {
			{0, all(task("a", StatusUnknown)), ""},
			{minute, all(task("a", 9)), ""},
			{minute, all(task("a", StatusUnknown), task("b", StatusUnknown)), "b >unknown"},
			{minute, all(task("a", 9), task("b", StatusUnknown)), ""},
			{minute, all(task("a", 9)), "b unknown> after 2m0s"},
		},
		"a code that no table has": {
			{0, all(task("a", 1)), ""},
			{minute, all(task("a", 42)), "a running>unknown"},
		},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now answer
				var have []Change
				source := newSource(
					Lister{Target: Target{Action: Tasks}, List: func(context.Context, int64) (Page, error) { return Page{Items: now.items, Total: now.total}, now.err }},
					Options{Timeout: time.Second, StaleAfter: 5 * minute, OnChange: func(changes []Change) { have = append(have, changes...) }})
				start := time.Now()
				for i, step := range steps {
					time.Sleep(step.after)
					now, have = step.answer, nil
					source.Snapshot(t.Context())
					if diff := cmp.Diff(step.want, told(have, start)); diff != "" {
						t.Errorf("step %d (-want +have):\n%s", i, diff)
					}
				}
			})
		})
	}
}

// A change says whose it is, and which connections a task uses.
func TestChangeNamesTheItem(t *testing.T) {
	target := Target{"prod", "ap-guangzhou", Tasks}
	memory := remembering([]Item{task("a", 1)}, time.Unix(1000, 0))
	memory.target = target
	item := task("a", 6)
	item.Details = &Details{Source: End{Resource: "resource-1"}, Target: End{Resource: "ckafka-1"}}
	have := memory.land(&Listing{Items: []Item{item}}, time.Unix(1000, 0), time.Unix(1060, 0))
	want := []Change{{
		Target: target, Kind: "task", ID: "a", Name: "name of a", From: TaskKind().State(1), To: TaskKind().State(6),
		Connections: []string{"resource-1"}, At: time.Unix(1060, 0),
	}}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// A reload tells nothing by itself: a target that stays is remembered, and one that is
// new or comes back begins anew.
func TestReloadIsNoChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		items := all(task("a", 1))
		lister := func(region string) Lister {
			return Lister{Target: Target{Region: region, Action: Tasks}, List: func(context.Context, int64) (Page, error) {
				return Page{Items: items.items, Total: items.total}, nil
			}}
		}
		both, one := []Lister{lister("stays"), lister("goes")}, []Lister{lister("stays")}
		set := Open(both, Options{Timeout: time.Second, StaleAfter: time.Minute})
		defer set.Close()
		for i, step := range []struct {
			answer
			listers []Lister
			want    string
		}{
			{all(task("a", 1)), both, ""},
			{all(task("a", 1)), one, ""},
			{all(task("a", 6)), both, "a running>paused"}, // of the one that stays
			{all(task("a", 6)), both, "a running>paused"},
		} {
			set.Reload(step.listers)
			items = step.answer
			set.Refresh(t.Context(), 0)
			if diff := cmp.Diff(step.want, told(set.Changes(), time.Now())); diff != "" {
				t.Errorf("step %d (-want +have):\n%s", i, diff)
			}
			time.Sleep(time.Minute)
		}
	})
}

// A Set keeps the newest changes, and hands on all.
func TestSetKeepsTheNewestChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status, handed := 1.0, 0
		set := Open([]Lister{{Target: Target{Action: Tasks}, List: func(_ context.Context, offset int64) (Page, error) {
			items := tasks(1, 150)
			for i := range items {
				items[i].Status = status
			}
			return cut(items, offset, float64(len(items))), nil
		}}}, Options{Timeout: time.Second, StaleAfter: time.Minute, OnChange: func(changes []Change) { handed += len(changes) }})
		defer set.Close()
		for _, status = range []float64{1, 6, 9} {
			set.Refresh(t.Context(), 0)
			time.Sleep(time.Minute)
		}
		have := set.Changes()
		if len(have) != 200 || handed != 300 {
			t.Fatalf("kept and handed on: want 200 and 300, have %d and %d", len(have), handed)
		}
		for i, want := range map[int]string{0: "task-0001 resume_failed", 149: "task-0150 resume_failed", 150: "task-0001 paused", 199: "task-0050 paused"} {
			if have := have[i].ID + " " + have[i].To.Name; have != want {
				t.Errorf("change %d: want %s, have %s", i, want, have)
			}
		}
	})
}
