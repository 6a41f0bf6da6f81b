package web

import "strings"

// notRunning is the Filter state that matches all items that need attention.
const notRunning = "not-running"

// maxWords is how many words of a text are searched for: each is searched for in
// each text of each item, and a request header has room for thirty thousand.
const maxWords = 16

// Filter selects items. The zero Filter selects all.
type Filter struct {
	// Text is words separated by spaces. Each of the first sixteen must occur in a
	// text of the item, in upper or lower case.
	Text string
	// State is a condition, the name of a state, or not-running.
	State string
}

// Select returns the items that match the filter, in the given order.
func (f Filter) Select(items []*Item) []*Item {
	words := strings.Fields(strings.ToLower(f.Text))
	words = words[:min(len(words), maxWords)]
	if len(words) == 0 && f.State == "" {
		return items
	}
	var matching []*Item
	for _, item := range items {
		if f.matchesState(item) && item.containsAll(words) {
			matching = append(matching, item)
		}
	}
	return matching
}

func (f Filter) matchesState(item *Item) bool {
	switch f.State {
	case "", item.State, string(item.Condition):
		return true
	case notRunning:
		return item.NeedsAttention()
	}
	return false
}

func (i *Item) containsAll(words []string) bool {
	if len(words) == 0 {
		return true
	}
	texts := i.texts()
	for _, word := range words {
		if !anyContains(texts, word) {
			return false
		}
	}
	return true
}

func anyContains(texts []string, word string) bool {
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), word) {
			return true
		}
	}
	return false
}

// texts returns what a person may search an item by. It includes the connections of
// a task, so that a search for a connection finds what depends on it.
func (i *Item) texts() []string {
	texts := []string{
		i.ID, i.Name, i.Account, i.Region, i.Kind, i.Type, i.State, i.StateChinese,
		i.Message, i.Warning, i.Description, i.Resource, chineseNames[i.Region], chineseNames[i.Type],
	}
	if i.Reason != nil {
		texts = append(texts, i.Reason.Word)
	}
	for _, end := range []*End{i.Source, i.Target} {
		if end != nil {
			texts = append(texts, end.Type, end.Resource, end.ResourceName, end.Topic)
		}
	}
	for _, connection := range i.Connections {
		texts = append(texts, connection.ID, connection.Name)
	}
	return texts
}
