package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// tasks returns items numbered from first to last.
func tasks(first, last int) []Item {
	var items []Item
	for n := first; n <= last; n++ {
		items = append(items, Item{ID: fmt.Sprintf("task-%04d", n), Name: fmt.Sprint("name ", n), Status: 1})
	}
	return items
}

// steady serves the same items in each reading, as an honest API does.
func steady(items []Item) func(pass int, offset int64) Page {
	return func(_ int, offset int64) Page { return cut(items, offset, float64(len(items))) }
}

func cut(items []Item, offset int64, total float64) Page {
	from := min(int(offset), len(items))
	return Page{Items: items[from:min(from+PageSize, len(items))], Total: total}
}

func TestRead(t *testing.T) {
	nan := math.NaN()
	tests := map[string]struct {
		api      func(pass int, offset int64) Page
		want     []Item
		reported float64
		skipped  int
		offsets  []int64 // requested, in order, of all readings
		failure  string
	}{
		"nothing": {
			api: steady(nil), reported: 0, offsets: []int64{0},
		},
		"one page": {
			api: steady(tasks(1, 7)), want: tasks(1, 7), reported: 7, offsets: []int64{0},
		},
		"no page is requested after a full one that completes the total": {
			api: steady(tasks(1, 100)), want: tasks(1, 100), reported: 100, offsets: []int64{0},
		},
		"three pages": {
			api: steady(tasks(1, 250)), want: tasks(1, 250), reported: 250, offsets: []int64{0, 100, 200},
		},
		"an item deleted between two pages: read again": {
			api: func(pass int, offset int64) Page {
				if pass == 1 && offset == 0 {
					return cut(tasks(1, 150), 0, 150)
				}
				return cut(tasks(2, 150), offset, 149)
			},
			want: tasks(2, 150), reported: 149, offsets: []int64{0, 100, 0, 100},
		},
		"an item added before a page: read again": {
			api: func(pass int, offset int64) Page {
				if pass == 1 && offset == 0 {
					return cut(tasks(2, 150), 0, 149)
				}
				return cut(tasks(1, 150), offset, 150)
			},
			want: tasks(1, 150), reported: 150, offsets: []int64{0, 100, 0, 100},
		},
		"one deleted and one added at once show in the IDs, not in TotalCount": {
			api: func(pass int, offset int64) Page {
				if pass == 1 && offset > 0 {
					return cut(append(tasks(100, 199), tasks(100, 149)...), 100, 150)
				}
				return cut(tasks(1, 150), offset, 150)
			},
			want: tasks(1, 150), reported: 150, offsets: []int64{0, 100, 0, 100},
		},
		"never consistent: the union of three readings": {
			api: func(pass int, offset int64) Page {
				return cut(tasks(pass, pass+1), offset, 9)
			},
			want: tasks(1, 4), reported: 9, offsets: []int64{0, 0, 2, 0, 2},
		},
		"TotalCount too small: full pages are followed to the end": {
			api:  func(_ int, offset int64) Page { return cut(tasks(1, 250), offset, 7) },
			want: tasks(1, 250), reported: 7,
			offsets: []int64{0, 100, 200, 0, 100, 200, 0, 100, 200},
		},
		"short pages, filtered after they were cut: all that is claimed is requested": {
			api: func(_ int, offset int64) Page {
				page := cut(tasks(1, 250), offset, 250)
				page.Items = slices.DeleteFunc(page.Items, func(item Item) bool { return item.ID == "task-0100" || item.ID == "task-0200" })
				return page
			},
			want: slices.Concat(tasks(1, 99), tasks(101, 199), tasks(201, 250)), reported: 250,
			offsets: []int64{0, 100, 200, 0, 99, 198, 0, 100, 200},
		},
		"a short page that uses the claim up is the last": {
			api:  func(int, int64) Page { return Page{Items: tasks(1, 99), Total: 100} },
			want: tasks(1, 99), reported: 100, offsets: []int64{0, 0, 99, 0},
		},
		"pages of at most 50: read again in steps of 50": {
			api: func(_ int, offset int64) Page {
				page := cut(tasks(1, 250), offset, 250)
				page.Items = page.Items[:min(50, len(page.Items))]
				return page
			},
			want: tasks(1, 250), reported: 250,
			offsets: []int64{0, 100, 200, 0, 50, 100, 150, 200},
		},
		"TotalCount negative": {
			api:  func(_ int, offset int64) Page { return cut(tasks(1, 3), offset, -5) },
			want: tasks(1, 3), reported: -5, offsets: []int64{0, 0, 0},
		},
		"TotalCount null": {
			api:  func(_ int, offset int64) Page { return cut(tasks(1, 130), offset, nan) },
			want: tasks(1, 130), reported: nan, offsets: []int64{0, 100, 0, 100, 0, 100},
		},
		"duplicate ID: the newest reading of it": {
			api: func(int, int64) Page {
				return Page{Items: []Item{{ID: "a", Status: 1}, {ID: "a", Status: 6}}, Total: 2}
			},
			want: []Item{{ID: "a", Status: 6}}, reported: 2, offsets: []int64{0, 0, 0},
		},
		"items without an ID are skipped and counted": {
			api: func(int, int64) Page {
				return Page{Items: []Item{{}, {ID: "a", Status: nan}, {Name: "nobody"}}, Total: 3}
			},
			want: []Item{{ID: "a", Status: nan}}, reported: 3, skipped: 2, offsets: []int64{0},
		},
		"nothing listed, though announced: a failure, not an empty listing": {
			api:     func(int, int64) Page { return Page{Total: 5} },
			offsets: []int64{0, 0, 0},
			failure: "decode: answer lists no usable item, though its TotalCount is 5",
		},
		"neither items nor TotalCount: a failure": {
			api:     func(int, int64) Page { return Page{Total: nan} },
			offsets: []int64{0, 0, 0},
			failure: "decode: answer lists no usable item, though its TotalCount is NaN",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			calls := recorder{}
			listing, err := read(t.Context(), calls.record(test.api), new(paging))
			if have := fmt.Sprint(err); err != nil && have != test.failure || err == nil && test.failure != "" {
				t.Fatalf("error: want %q, have %q", test.failure, have)
			}
			if listing != nil { // pages of one reading arrive in any order
				slices.SortFunc(listing.Items, func(a, b Item) int { return cmp.Compare(a.ID, b.ID) })
			}
			if diff := gocmp.Diff(test.offsets, calls.sorted()); diff != "" {
				t.Errorf("offsets requested (-want +have):\n%s", diff)
			}
			if err != nil {
				return
			}
			want := &Listing{
				Items: test.want, Reported: test.reported, Skipped: test.skipped,
				Complete: test.skipped == 0 && test.reported == float64(len(test.want)),
			}
			if diff := gocmp.Diff(want, listing, cmpopts.EquateNaNs(), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Listing{})); diff != "" {
				t.Errorf("listing (-want +have):\n%s", diff)
			}
		})
	}
}

// A refresh asks at once for the pages of the listing before, however many there are
// now, and in steps of the pages that the API sends.
func TestPagesOfTheListingBeforeAreFetchedAtOnce(t *testing.T) {
	capped := func(items, most int) func(int, int64) Page {
		return func(_ int, offset int64) Page {
			page := cut(tasks(1, items), offset, float64(items))
			page.Items = page.Items[:min(most, len(page.Items))]
			return page
		}
	}
	var known paging
	for i, refresh := range []struct {
		api     func(int, int64) Page
		items   int
		offsets []int64 // nil where some pages may be asked for in vain
	}{
		{capped(250, 100), 250, []int64{0, 100, 200}},
		{capped(250, 100), 250, []int64{0, 100, 200}},
		{capped(120, 100), 120, nil},
		{capped(350, 100), 350, []int64{0, 100, 200, 300}},
		{capped(350, 50), 350, []int64{0, 100, 200, 300, 0, 50, 100, 150, 200, 250, 300}},
		{capped(350, 50), 350, []int64{0, 50, 100, 150, 200, 250, 300}},
		{capped(120, 50), 120, nil},
		{capped(20, 50), 20, nil},
		{capped(350, 100), 350, []int64{0, 100, 200, 300}},
	} {
		calls := recorder{}
		listing, err := read(t.Context(), calls.record(refresh.api), &known)
		if err != nil || !listing.Complete || len(listing.Items) != refresh.items {
			t.Fatalf("refresh %d: want %d items, have %v, %v", i, refresh.items, listing, err)
		}
		slices.Sort(refresh.offsets) // pages of two readings cannot be told apart
		offsets := calls.sorted()
		slices.Sort(offsets)
		if diff := gocmp.Diff(refresh.offsets, offsets); diff != "" && refresh.offsets != nil {
			t.Errorf("refresh %d: offsets (-want +have):\n%s", i, diff)
		}
	}
}

func TestReadEndsWhateverIsClaimed(t *testing.T) {
	for _, claim := range []float64{1e12, math.MaxInt64, math.Inf(1)} {
		calls := recorder{}
		listing, err := read(t.Context(), calls.record(func(int, int64) Page { return cut(tasks(1, 100), 0, claim) }), new(paging))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(tasks(1, 100), listing.Items); diff != "" {
			t.Errorf("listing (-want +have):\n%s", diff)
		}
		if have := len(calls.sorted()); have > maxPasses*(1+fanOut) {
			t.Errorf("%v: calls: want at most %d, have %d", claim, maxPasses*(1+fanOut), have)
		}
	}
}

func TestOneFailedPageFailsTheListing(t *testing.T) {
	broken := errors.New("page 2 is broken")
	listing, err := read(t.Context(), func(_ context.Context, offset int64) (Page, error) {
		if offset == 100 {
			return Page{}, broken
		}
		return cut(tasks(1, 300), offset, 300), nil
	}, new(paging))
	if listing != nil || !errors.Is(err, broken) {
		t.Errorf("want no half listing and %v, have %v and %v", broken, listing, err)
	}
}
