package cloudsim

import (
	"encoding/json"
	"slices"
)

const (
	// defaultLimit and maxLimit are the API's page sizes: the default if a request
	// has no Limit, and the maximum.
	defaultLimit = 20
	maxLimit     = 100
)

// readPage reads Offset and Limit from a request's body, with the API's defaults,
// and checks them. The API's filters are refused as unknown: this stand-in lists
// everything, and a caller that filters by mistake should notice.
func readPage(body []byte) (offset, limit int, refused *refusal) {
	var parameters map[string]json.RawMessage
	if json.Unmarshal(body, &parameters) != nil {
		return 0, 0, refuse("InvalidParameter", "The request body is not a JSON object.")
	}
	offset, limit = 0, defaultLimit
	known := map[string]*int{"Offset": &offset, "Limit": &limit}
	for name, value := range parameters {
		destination := known[name]
		if destination == nil {
			return 0, 0, refuse("UnknownParameter", "The parameter `%s` is not recognized.", name)
		}
		if json.Unmarshal(value, destination) != nil {
			return 0, 0, refuse("InvalidParameter", "The value type of parameter `%s` is not valid.", name)
		}
	}
	return offset, limit, checkBounds(offset, limit)
}

func checkBounds(offset, limit int) *refusal {
	switch {
	case offset < 0:
		return refuse("InvalidParameterValue", "The value `%d` of parameter `Offset` must not be negative.", offset)
	case limit < 0 || limit > maxLimit:
		return refuse("InvalidParameterValue", "The value `%d` of parameter `Limit` must be from 0 to %d.", limit, maxLimit)
	}
	return nil
}

// pageOf returns the items of one page, in a slice of its own. An offset beyond
// either end counts as that end.
func pageOf(items []Item, offset, limit int) []Item {
	start := min(max(offset, 0), len(items))
	end := start + min(max(limit, 0), len(items)-start)
	return slices.Clone(items[start:end])
}
