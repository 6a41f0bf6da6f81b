// Package instrument turns the snapshots of package source into OpenTelemetry
// observable gauges and serves them on the documented Prometheus paths.
//
// Tasks and connections have no MeterProvider in common, because a reader sees every
// instrument of its provider: a scrape of one path would ask the API for the other's
// items too. For scrapes, each family has a provider of its own. The differences
// between the two are in one table, in kinds.go.
//
// The package knows no cloud: it must not import the cloud's SDK, and it uses only
// values of package source.
package instrument
