package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Selection restricts a request to the targets of some accounts and regions. An
// empty list does not restrict anything; the zero value selects all.
type Selection struct {
	Accounts, Regions []string
}

// Limits on what an error of a selection repeats: the length of a name, which is
// the longest that an account may have, and the number of existing names.
const (
	longestShown = 256
	mostShown    = 100
)

// of returns the sources that the selection names. Each name must select at least
// one, together with the other list: a reader that has misspelled a name, or whose
// target is gone, gets an error instead of less than it asked for.
func (s Selection) of(sources []*Source) ([]*Source, error) {
	accounts, regions := newNames(s.Accounts), newNames(s.Regions)
	var selected []*Source
	for _, source := range sources {
		target := source.target
		if accounts.admit(target.Account) && regions.admit(target.Region) {
			accounts.selected(target.Account)
			regions.selected(target.Region)
			selected = append(selected, source)
		}
	}
	account, region := func(t Target) string { return t.Account }, func(t Target) string { return t.Region }
	if name, missing := accounts.missing(s.Accounts); missing {
		return nil, explain(sources, "account", name, account, "region", region)
	}
	if name, missing := regions.missing(s.Regions); missing {
		return nil, explain(sources, "region", name, region, "account", account)
	}
	return selected, nil
}

// names are the names of one list, and whether each has selected a target; nil
// admits all.
type names map[string]bool

func newNames(list []string) names {
	if len(list) == 0 {
		return nil
	}
	n := make(names, len(list))
	for _, name := range list {
		n[name] = false
	}
	return n
}

func (n names) admit(name string) bool {
	_, named := n[name]
	return named || n == nil
}

func (n names) selected(name string) {
	if n != nil {
		n[name] = true
	}
}

// missing returns the first name of the list that has selected no target.
func (n names) missing(list []string) (string, bool) {
	for _, name := range list {
		if !n[name] {
			return name, true
		}
	}
	return "", false
}

// explain says why a name of a dimension selects nothing: it does not exist, or it
// has none of the requested names of the other dimension.
func explain(sources []*Source, dimension, name string, of func(Target) string, other string, ofOther func(Target) string) error {
	var all, others []string
	for _, source := range sources {
		all = append(all, of(source.target))
		if of(source.target) == name {
			others = append(others, ofOther(source.target))
		}
	}
	if others == nil {
		return fmt.Errorf("there is no %s %s; there is %s", dimension, quoted(name), enumerate(all))
	}
	return fmt.Errorf("%s %s has no %s that was asked for; it has %s", dimension, quoted(name), other, enumerate(others))
}

func quoted(name string) string {
	if len(name) > longestShown {
		return fmt.Sprintf("with a name of %d bytes", len(name))
	}
	return strconv.Quote(name)
}

// enumerate lists names, each once.
func enumerate(names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) <= mostShown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostShown], ", "), len(names)-mostShown)
}
