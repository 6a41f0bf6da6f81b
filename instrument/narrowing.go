package instrument

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"datahub_exporter/source"
)

// The parameters that narrow a scrape. Each may be repeated.
const (
	AccountParameter = "account"
	RegionParameter  = "region"
	familyParameter  = "name[]"
)

// narrowing is what the parameters of a scrape select.
type narrowing struct {
	targets  source.Selection
	families []string // nil selects all
}

// narrowingOf reads a scrape's parameters. Parameters that cannot be read are an
// error, because without them the answer would have more than was asked for.
func narrowingOf(r *http.Request) (narrowing, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return narrowing{}, fmt.Errorf("the parameters of the scrape cannot be read: %w", err)
	}
	return narrowing{source.Selection{Accounts: query[AccountParameter], Regions: query[RegionParameter]}, query[familyParameter]}, nil
}

// Narrowed reports whether a scrape asks for less than everything.
func Narrowed(r *http.Request) bool {
	query := r.URL.Query()
	return query.Has(AccountParameter) || query.Has(RegionParameter) || query.Has(familyParameter)
}

// key returns the same for narrowings that select the same, in whatever order they
// are written. It contains only names that exist, so the configuration bounds its
// length.
func (n narrowing) key(families []*family) string {
	var key strings.Builder
	list := func(name string, values []string) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(values))) {
			fmt.Fprintf(&key, "%s=%s&", name, url.QueryEscape(value))
		}
	}
	list(AccountParameter, n.targets.Accounts)
	list(RegionParameter, n.targets.Regions)
	if n.families == nil {
		return key.String()
	}
	key.WriteString(familyParameter)
	for _, family := range families {
		if slices.Contains(n.families, family.name) {
			list("", []string{family.name})
		}
	}
	return key.String()
}
