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

// filter returns the sources that the selection names. Each name must select at least
// one, together with the other list: a scrape that misspells a name, or whose
// target is gone, gets an error, not fewer series than it expects.
func (s Selection) filter(sources []*Source) ([]*Source, error) {
	account, region := func(s *Source) string { return s.target.Account }, func(s *Source) string { return s.target.Region }
	var selected []*Source
	for _, source := range sources {
		if admits(s.Accounts, account(source)) && admits(s.Regions, region(source)) {
			selected = append(selected, source)
		}
	}
	if err := checkNames("account", s.Accounts, account, selected, sources); err != nil {
		return nil, err
	}
	if err := checkNames("region", s.Regions, region, selected, sources); err != nil {
		return nil, err
	}
	return selected, nil
}

func admits(names []string, name string) bool { return len(names) == 0 || slices.Contains(names, name) }

// checkNames returns an error for the first name that selects nothing.
func checkNames(what string, names []string, of func(*Source) string, selected, all []*Source) error {
	for _, name := range names {
		named := func(source *Source) bool { return of(source) == name }
		switch {
		case slices.ContainsFunc(selected, named):
		case slices.ContainsFunc(all, named):
			return fmt.Errorf("%s %s has no target in this selection", what, quoted(name))
		default:
			return fmt.Errorf("there is no %s %s; there is %s", what, quoted(name), enumerate(all, of))
		}
	}
	return nil
}

func quoted(name string) string {
	if len(name) > longestShown {
		return fmt.Sprintf("with a name of %d bytes", len(name))
	}
	return strconv.Quote(name)
}

// enumerate lists the names of the sources, each once.
func enumerate(sources []*Source, of func(*Source) string) string {
	var names []string
	for _, source := range sources {
		names = append(names, of(source))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) <= mostShown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostShown], ", "), len(names)-mostShown)
}
