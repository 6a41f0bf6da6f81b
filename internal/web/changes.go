package web

import (
	"fmt"
	"slices"
	"time"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/reason"
	"datahub_exporter/source"
)

// Change is a status that changed, an item that appeared, or one that is gone.
type Change struct {
	// At is when a refresh found it.
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Account string    `json:"account"`
	Region  string    `json:"region"`
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	// From and To are names of states; empty if the item was not there before, or is not
	// any more.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Reason and Message are as for an Item, but Reason is only the word.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	// Seconds is how long the state before lasted; zero if that is not known.
	Seconds float64 `json:"seconds,omitempty"`
	// After is when the state before was last seen, if not just before.
	After time.Time `json:"after,omitzero"`

	from, to source.State
	item     *Item // a stand-in if the item is gone
}

// addChanges adds the changes, newest first, after all items.
func (d *Document) addChanges(changes []source.Change) {
	type key struct{ kind, account, region, id string }
	items := map[key]*Item{}
	for _, item := range d.Items {
		items[key{item.Kind, item.Account, item.Region, item.ID}] = item
	}
	for i := range changes {
		change := newChange(&changes[i])
		change.item = items[key{change.Kind, change.Account, change.Region, change.ID}]
		if change.item == nil {
			change.item = &Item{Kind: change.Kind, Account: change.Account, Region: change.Region, ID: change.ID, Name: change.Name}
		}
		d.Changes = append(d.Changes, change)
	}
}

func newChange(of *source.Change) *Change {
	change := &Change{
		At: documentTime(of.At), Kind: of.Kind, Account: of.Target.Account, Region: of.Target.Region, ID: of.ID, Name: of.Name,
		From: of.From.Name, To: of.To.Name, Message: logging.Clean(of.Message), After: documentTime(of.After),
		Seconds: of.Lasted().Round(time.Millisecond).Seconds(), from: of.From, to: of.To,
	}
	if of.Fails() && change.Message != "" {
		change.Reason = reason.Of(of.Message).Word
	}
	return change
}

// States returns the states before and after, as far as there are any.
func (c *Change) States() []source.State {
	switch {
	case c.From == "":
		return []source.State{c.to}
	case c.To == "":
		return []source.State{c.from}
	}
	return []source.State{c.from, c.to}
}

// Lasted says how long the state before a change lasted.
func (v *view) Lasted(change *Change) string {
	return fmt.Sprintf(v.Words.Lasted, v.duration(time.Duration(change.Seconds*float64(time.Second))))
}

// addChanges adds the newest changes of the items that match the filter.
func (v *view) addChanges(changes []*Change) {
	found := slices.DeleteFunc(slices.Clone(changes), func(change *Change) bool {
		return len(v.Filter.Select([]*Item{change.item})) == 0
	})
	v.Changes = found[:min(len(found), maxChanges)]
	if len(found) > maxChanges {
		v.ChangesNote = fmt.Sprintf(v.Words.Limit, maxChanges, len(found))
	}
}
