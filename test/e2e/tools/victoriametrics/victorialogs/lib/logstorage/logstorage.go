// Package logstorage parses no queries.
package logstorage

import "errors"

// Query is a query that could be parsed.
type Query struct{}

// ParseStatsQuery returns an error.
func ParseStatsQuery(string, int64) (*Query, error) {
	return nil, errors.New("built without VictoriaLogs")
}

// GetStatsByFields returns nothing.
func (*Query) GetStatsByFields() ([]string, error) { return nil, nil }

// HasGlobalTimeFilter returns false.
func (*Query) HasGlobalTimeFilter() bool { return false }
