package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"datahub_exporter/source"
)

// How many rows the page has at most; the filter is applied first.
const (
	maxNotRunning = 250
	maxRunning    = 100
	maxChanges    = 10
)

// view is what the page shows to one reader. The template calls its methods.
type view struct {
	Words   *words
	Version string
	// Paths are the paths of the series, Docs the names of the documents.
	Paths, Docs []string
	JSONPath    string
	// Alertmanager is the URL of the one that the readers use, empty for none.
	Alertmanager string
	Now          time.Time

	Filter Filter
	// Chosen is the language if the URL names it.
	Chosen   string
	Summary  Summary
	Chips    []chip
	Failures []failure
	Sources  []sourceLine
	// AllUp is whether every last refresh succeeded, AllKnown whether there is a listing
	// of every target.
	AllUp, AllKnown bool
	// Health is a line about all sources, Count one about the items that match the
	// filter.
	Health, Count       string
	NotRunning, Running section
	Changes             []*Change
	ChangesNote         string // says that there are more

	multiAccount bool
}

// chip is a state to choose, and how many of the items that the search finds are in it.
type chip struct {
	State, Text string
	Count       int
	Chosen      bool
}

// section shows some of the items.
type section struct {
	View   *view
	Number string // of the items
	Rows   []row
	// Note says that there are more rows, Empty why there are none.
	Note, Empty string
	Well        bool // there are none because all is well
}

// row is an item in a section.
type row struct {
	*Item
	View *view
	Open bool // whether its remedy is shown at once
}

func (v *view) fill(document *Document) {
	v.Summary = document.Summary
	accounts := map[string]bool{}
	for _, target := range document.Targets {
		accounts[target.Account] = true
	}
	v.multiAccount = len(accounts) > 1
	v.AllUp = !slices.ContainsFunc(document.Targets, func(target Target) bool { return !target.Up })
	v.AllKnown = !slices.ContainsFunc(document.Targets, func(target Target) bool { return !target.Known })
	v.addTargets(document.Targets)
	found := Filter{Text: v.Filter.Text}.Select(document.Items)
	v.addChips(found)
	found = Filter{State: v.Filter.State}.Select(found)
	v.Count = fmt.Sprintf(v.Words.All, len(document.Items))
	emptyNotRunning, emptyRunning := v.Words.AllRunning, v.Words.NoItems
	if !v.AllKnown {
		emptyNotRunning = v.Words.NotAllKnown
	}
	if !v.AllKnown && len(document.Items) == 0 {
		v.Count = v.Words.NoItems
	}
	if v.Filtered() {
		v.Count = fmt.Sprintf(v.Words.Found, len(found), len(document.Items))
		if emptyNotRunning, emptyRunning = v.Words.NoMatches, v.Words.NoMatches; !v.AllKnown {
			emptyNotRunning += " " + v.Words.NotAllKnown
		}
	}
	running := slices.IndexFunc(found, func(item *Item) bool { return !item.NeedsAttention() })
	if running < 0 {
		running = len(found)
	}
	shown := v.fold(newestFirst(found[:running]))
	v.NotRunning = v.section(shown, maxNotRunning, emptyNotRunning)
	if folded := running - len(shown); folded > 0 {
		v.NotRunning.Number = fmt.Sprintf(v.Words.Behind, running, folded)
	}
	v.NotRunning.Well = emptyNotRunning == v.Words.AllRunning && v.AllUp
	v.Running = v.section(found[running:], maxRunning, emptyRunning)
	v.addChanges(document.Changes)
}

// newestFirst sorts items in the same condition by when they came into their state.
func newestFirst(items []*Item) []*Item {
	return slices.SortedStableFunc(slices.Values(items), func(a, b *Item) int { return cmp.Or(a.rank()-b.rank(), b.Since.Compare(a.Since)) })
}

// section returns a section of some of the items.
func (v *view) section(items []*Item, limit int, empty string) section {
	s := section{View: v, Number: v.Number(len(items)), Empty: empty}
	if len(items) > limit {
		s.Note = fmt.Sprintf(v.Words.Limit, limit, len(items))
		items = items[:limit]
	}
	explained := map[string]bool{} // reasons
	for _, item := range items {
		r := row{Item: item, View: v}
		if item.Reason != nil {
			r.Open = !explained[item.Reason.Word]
			explained[item.Reason.Word] = true
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

// fold leaves out the tasks that a failed connection in the list explains: its row names
// them. A search leaves out none, so that it finds each of them.
func (v *view) fold(items []*Item) []*Item {
	if v.Filter.Text != "" {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(item *Item) bool {
		return slices.ContainsFunc(item.uses, func(connection *Item) bool {
			return connection.explains(item) && v.Filter.matchesState(connection)
		})
	})
}

// addChips adds a chip for each condition and, if the filter has another state, from a
// link that someone wrote, one for that.
func (v *view) addChips(items []*Item) {
	add := func(state, text string) {
		v.Chips = append(v.Chips, chip{
			State: state, Text: text, Count: len(Filter{State: state}.Select(items)), Chosen: v.Filter.State == state,
		})
	}
	for _, condition := range conditions() {
		add(string(condition), v.Words.Conditions[condition])
	}
	switch state := v.Filter.State; {
	case state == notRunning:
		add(state, v.Words.NotRunning)
	case v.Words.Conditions[source.Condition(state)] == "" && state != "":
		add(state, state)
	}
}

// RegionName names an account's region, and the account only if there are several.
func (v *view) RegionName(region, account string) string {
	region = strings.TrimSpace(v.Localized("", chineseNames[region]) + " " + region)
	if !v.multiAccount {
		return region
	}
	return region + " · " + account
}

// Filtered reports whether a filter is set.
func (v *view) Filtered() bool { return v.Filter != Filter{} }
