// Package instrument turns the snapshots of package source into OpenTelemetry
// observable gauges and serves them on the documented Prometheus paths.
//
// Tasks and connections each have a MeterProvider, a registry and a handler of
// their own, because a reader sees every instrument of its provider: with one
// provider for both, a scrape of one path would ask the API for the other's items
// too. The differences between the two are in one table, in kinds.go.
//
// The package knows no cloud: it must not import the cloud's SDK, and it uses only
// values of package source.
package instrument
