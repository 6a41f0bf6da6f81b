package source

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Since is set only for a change that happened while the exporter was running.
func TestDate(t *testing.T) {
	then, now := time.Unix(1000, 0), time.Unix(2000, 0)
	before := &Listing{Items: []Item{{ID: "a", Status: 1, Since: then}, {ID: "b", Status: 1}, {ID: "c", Status: 6, Since: then}}}
	tests := map[string]struct {
		before *Listing
		items  []Item
		want   []Item
	}{
		"the first listing":    {nil, []Item{{ID: "a", Status: 1}}, []Item{{ID: "a", Status: 1}}},
		"nothing changed":      {before, []Item{{ID: "a", Status: 1}, {ID: "b", Status: 1}}, []Item{{ID: "a", Status: 1, Since: then}, {ID: "b", Status: 1}}},
		"a status changed":     {before, []Item{{ID: "a", Status: 6}}, []Item{{ID: "a", Status: 6, Since: now}}},
		"another order":        {before, []Item{{ID: "c", Status: 6}, {ID: "a", Status: 1}}, []Item{{ID: "c", Status: 6, Since: then}, {ID: "a", Status: 1, Since: then}}},
		"a new item":           {before, []Item{{ID: "n", Status: 0}, {ID: "b", Status: 1}}, []Item{{ID: "n", Status: 0, Since: now}, {ID: "b", Status: 1}}},
		"a new name":           {before, []Item{{ID: "a", Name: "n", Status: 1}}, []Item{{ID: "a", Name: "n", Status: 1, Since: then}}},
		"an unknown status":    {before, []Item{{ID: "a", Status: StatusUnknown}}, []Item{{ID: "a", Status: StatusUnknown, Since: now}}},
		"after an empty one":   {&Listing{}, []Item{{ID: "a", Status: 1}}, []Item{{ID: "a", Status: 1, Since: now}}},
		"behind what was last": {before, []Item{{ID: "a", Status: 1}, {ID: "b", Status: 1}, {ID: "c", Status: 6}, {ID: "d", Status: 1}}, []Item{{ID: "a", Status: 1, Since: then}, {ID: "b", Status: 1}, {ID: "c", Status: 6, Since: then}, {ID: "d", Status: 1, Since: now}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			listing := &Listing{Items: test.items}
			listing.date(test.before, now)
			if diff := cmp.Diff(test.want, listing.Items); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}

// A refresh that returns the same items in the same order needs no index.
func TestDateAllocatesNothingForTheSameItems(t *testing.T) {
	before := &Listing{Items: tasks(1, 1000)}
	listing := &Listing{Items: tasks(1, 1000)}
	if have := testing.AllocsPerRun(20, func() { listing.date(before, time.Unix(2000, 0)) }); have != 0 {
		t.Errorf("allocations: want none, have %v", have)
	}
}
