// Package instrument turns the snapshots of package source into OpenTelemetry
// observable gauges, serves them on the documented Prometheus paths, and creates
// those that are pushed.
//
// The tables of all gauges are in gauges.go. Each scrape has a registry and a
// MeterProvider of its own. Tasks and connections share none, because a reader collects
// every instrument of its provider: a scrape of one path would query the API for the
// other's items, too.
//
// The package knows neither the cloud nor the collector that is pushed to: it uses
// snapshots, and is given the options of providers that push.
package instrument
