package source

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Since is set only for a change that happened while the exporter was running.
func TestSinceIsTheLastChangeOfStatus(t *testing.T) {
	then, now := time.Unix(1000, 0), time.Unix(2000, 0)
	before := []Item{{ID: "a", Status: 1, Since: then}, {ID: "b", Status: 1}, {ID: "c", Status: 6, Since: then}, {ID: "u", Status: StatusUnknown, Since: then}}
	tests := map[string]struct {
		before []Item
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
		"a known status":       {before, []Item{{ID: "u", Status: 1}}, []Item{{ID: "u", Status: 1, Since: then}}},
		"after an empty one":   {[]Item{}, []Item{{ID: "a", Status: 1}}, []Item{{ID: "a", Status: 1, Since: now}}},
		"behind what was last": {before, []Item{{ID: "a", Status: 1}, {ID: "b", Status: 1}, {ID: "c", Status: 6}, {ID: "d", Status: 1}}, []Item{{ID: "a", Status: 1, Since: then}, {ID: "b", Status: 1}, {ID: "c", Status: 6, Since: then}, {ID: "d", Status: 1, Since: now}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			listing := &Listing{Items: test.items}
			memory := remembering(test.before, then)
			memory.land(listing, then, now)
			if diff := cmp.Diff(test.want, listing.Items); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}

// remembering returns the memory of a complete listing of items, nil if there was none.
func remembering(items []Item, at time.Time) *memory {
	memory := &memory{target: Target{Action: Tasks}, items: map[string]remembered{}}
	for _, item := range items {
		memory.items[item.ID] = remembered{item, item, at}
	}
	if items != nil {
		memory.whole = at
	}
	return memory
}

// What has not changed is shared: the listing, or else details.
func TestListingSharesWhatHasNotChanged(t *testing.T) {
	listing := func(edit func(*Listing)) *Listing {
		made := &Listing{Reported: 2, Complete: true, Items: []Item{
			{ID: "a", Status: 1, Details: &Details{Message: "m", Tasks: Number{1, true}}}, {ID: "b", Status: 1},
		}}
		edit(made)
		return made
	}
	before := listing(func(*Listing) {})
	tests := map[string]struct {
		edit          func(*Listing)
		same, details bool
	}{
		"nothing":        {func(*Listing) {}, true, true},
		"a status":       {func(l *Listing) { l.Items[0].Status = 6 }, false, true},
		"a name":         {func(l *Listing) { l.Items[0].Name = "n" }, false, true},
		"a message":      {func(l *Listing) { l.Items[0].Details.Message = "n" }, false, false},
		"a count":        {func(l *Listing) { l.Items[0].Details.Tasks.Value = 2 }, false, false},
		"no count":       {func(l *Listing) { l.Items[0].Details.Tasks = Number{} }, false, false},
		"a tag":          {func(l *Listing) { l.Items[0].Details.Tags = NewTags(map[string]string{"team": "a"}) }, false, false},
		"no details":     {func(l *Listing) { l.Items[0].Details = nil }, false, false},
		"another detail": {func(l *Listing) { l.Items[1].Details = &Details{Type: "SOURCE"} }, false, true},
		"one fewer":      {func(l *Listing) { l.Items = l.Items[:1] }, false, true},
		"the total":      {func(l *Listing) { l.Reported = 3 }, false, true},
		"incomplete":     {func(l *Listing) { l.Complete = false }, false, true},
	}
	for name, test := range tests {
		have := listing(test.edit)
		remembering(before.Items, time.Unix(1000, 0)).land(have, time.Unix(1000, 0), time.Unix(2000, 0))
		have = have.follow(before)
		if same := have == before; same != test.same {
			t.Errorf("%s: listing of before: want %v, have %v", name, test.same, same)
		}
		if details := have.Items[0].Details == before.Items[0].Details; details != test.details {
			t.Errorf("%s: details of before: want %v, have %v", name, test.details, details)
		}
	}
}
