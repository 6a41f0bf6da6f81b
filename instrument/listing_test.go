package instrument_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// state is what a reader sees of a region's tasks.
type state struct {
	Statuses            int
	Up, Items, Reported string // the series with their values, "" for none
}

func (r *rig) state(t *testing.T) state {
	t.Helper()
	one := func(name string) string {
		lines := r.series(t, tasks, name+"{")
		if len(lines) == 0 {
			return ""
		}
		return lines[0][len(name+`{region="ap-guangzhou"} `):]
	}
	return state{
		Statuses: len(r.series(t, tasks, "datahub_task_status{")),
		Up:       one("datahub_task_up"),
		Items:    one("datahub_task_items"),
		Reported: one("datahub_task_items_reported"),
	}
}

// listed makes the API list only a range of the items, and claim a TotalCount.
func listed(from, to int, total any) cloudsim.Fault {
	return func(a *cloudsim.Answer) {
		items := a.All[from:to]
		first := min(a.Call.Offset, len(items))
		a.Items, a.TotalCount = items[first:min(first+a.Call.Limit, len(items))], total
	}
}

func TestIncompleteListingProvesNoDeletion(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 250)...)
	steps := []struct {
		minutes int // since the step before
		fault   cloudsim.Fault
		want    state
	}{
		{0, nil, state{250, "1", "250", "250"}},
		{1, listed(0, 100, 250), state{250, "1", "100", "250"}},
		{1, listed(50, 150, 250), state{250, "1", "100", "250"}},
		{1, listed(0, 0, 250), state{250, "0", "100", "250"}},
		// The first 50 were last listed in minute 1, the last 100 in minute 0.
		{2, listed(50, 150, 250), state{150, "1", "100", "250"}},
		{1, listed(50, 150, 250), state{100, "1", "100", "250"}},
		{1, nil, state{250, "1", "250", "250"}},
		{1, listed(0, 100, nil), state{250, "1", "100", ""}},
		// A complete listing does prove a deletion.
		{1, listed(0, 100, 100), state{100, "1", "100", "100"}},
		{1, listed(0, 0, 0), state{0, "1", "0", "0"}},
	}
	for i, step := range steps {
		rig.clock.advance(time.Duration(step.minutes) * time.Minute)
		rig.cloud.Always("", "", step.fault)
		if diff := cmp.Diff(step.want, rig.state(t)); diff != "" {
			t.Errorf("step %d (-want +have):\n%s", i, diff)
		}
	}
}

// A kept item stays as it was, and is listed again without a gap.
func TestKeptItemKeepsItsStatus(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	paused := cloudsim.Item{ID: "b", Name: "users", Status: 6}
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "a", Status: 1}, paused)
	want := []string{
		`datahub_task_status{TaskId="a",TaskName="",region="ap-guangzhou"} 1`,
		`datahub_task_status{TaskId="b",TaskName="users",region="ap-guangzhou"} 6`,
	}
	for i, fault := range []cloudsim.Fault{nil, listed(0, 1, 2), listed(0, 1, 2), nil} {
		rig.cloud.Always("", "", fault)
		if diff := cmp.Diff(want, rig.series(t, tasks, "datahub_task_status{")); diff != "" {
			t.Errorf("refresh %d (-want +have):\n%s", i, diff)
		}
		rig.clock.advance(time.Minute)
	}
}

func TestShortPagesAreReadUpToTheTotalCount(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 250)...)
	rig.cloud.Always("", "", func(a *cloudsim.Answer) {
		if len(a.Items) == a.Call.Limit { // one item of each full page is filtered out
			a.Items = a.Items[1:]
		}
	})
	if diff := cmp.Diff(state{249, "1", "249", "250"}, rig.state(t)); diff != "" {
		t.Errorf("pages of 99, 99 and 52 (-want +have):\n%s", diff)
	}
}

// An API that sends at most 50 items a page hides none: the pages are read again in
// steps of 50, and from the next refresh on at once.
func TestPagesThatAreSmallerThanAskedFor(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 250)...)
	rig.cloud.Always("", "", func(a *cloudsim.Answer) { a.Items = a.Items[:min(50, len(a.Items))] })
	for refresh, want := range []int{3 + 5, 5} {
		before := len(rig.cloud.Calls("", ""))
		if diff := cmp.Diff(state{250, "1", "250", "250"}, rig.state(t)); diff != "" {
			t.Errorf("refresh %d (-want +have):\n%s", refresh, diff)
		}
		if calls := len(rig.cloud.Calls("", "")) - before; calls != want {
			t.Errorf("refresh %d: want %d calls, have %d", refresh, want, calls)
		}
		rig.clock.advance(time.Minute)
	}
}
