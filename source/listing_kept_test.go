package source

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// kept is what a reader sees of a listing that may keep items of the previous one.
type kept struct {
	IDs          []string
	Listed, Kept int
	// Since is how long one of them has not been listed by the API.
	Since time.Duration
}

// An incomplete listing proves no deletion, and a complete one does.
func TestIncompleteListingKeepsWhatItLacks(t *testing.T) {
	const minute = time.Minute
	steps := []struct {
		name   string
		after  time.Duration
		listed []Item
		total  float64
		want   kept
	}{
		{"nothing to keep yet", 0, tasks(1, 1), 3, kept{IDs: []string{"task-0001"}, Listed: 1}},
		{"complete", minute, tasks(1, 3), 3, kept{IDs: []string{"task-0001", "task-0002", "task-0003"}, Listed: 3}},
		{"one is missing", minute, tasks(1, 2), 3, kept{[]string{"task-0001", "task-0002", "task-0003"}, 2, 1, minute}},
		{"another one, too", minute, tasks(1, 1), 3, kept{[]string{"task-0001", "task-0002", "task-0003"}, 1, 2, 2 * minute}},
		{"one is back", minute, tasks(1, 2), 3, kept{[]string{"task-0001", "task-0002", "task-0003"}, 2, 1, 3 * minute}},
		{"not quite for StaleAfter", 2*minute - 1, tasks(1, 2), 3, kept{[]string{"task-0001", "task-0002", "task-0003"}, 2, 1, 5*minute - 1}},
		{"for StaleAfter", 1, tasks(1, 2), 3, kept{IDs: []string{"task-0001", "task-0002"}, Listed: 2}},
		{"missing again", minute, tasks(2, 2), 3, kept{[]string{"task-0002", "task-0001"}, 1, 1, minute}},
		{"complete, so one is deleted", minute, tasks(2, 2), 1, kept{IDs: []string{"task-0002"}, Listed: 1}},
	}
	synctest.Test(t, func(t *testing.T) {
		var answer Page
		var reported RefreshReport
		keeping := Options{
			Timeout: time.Second, StaleAfter: 5 * minute, QPS: DefaultQPS,
			OnRefresh: func(report RefreshReport) { reported = report },
		}
		source := newSource(Lister{List: func(context.Context, int64) (Page, error) { return answer, nil }}, keeping)
		for _, step := range steps {
			time.Sleep(step.after)
			answer = Page{Items: step.listed, Total: step.total}
			listing := source.Snapshot(t.Context()).Listing
			have := kept{Listed: listing.Listed()}
			for _, item := range listing.Items {
				have.IDs = append(have.IDs, item.ID)
			}
			var since time.Time
			if have.Kept, since = listing.Kept(); have.Kept > 0 {
				have.Since = time.Since(since)
			}
			if reported.Listing != listing {
				t.Errorf("%s: reported %v, published %v", step.name, reported.Listing, listing)
			}
			if diff := cmp.Diff(step.want, have); diff != "" {
				t.Errorf("%s (-want +have):\n%s", step.name, diff)
			}
		}
	})
}
