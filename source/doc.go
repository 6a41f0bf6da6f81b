// Package source queries Tencent Cloud's CKafka API for the state of connector
// tasks and connections and publishes the responses as immutable snapshots.
//
// There is one Source for each (account, region, action). Its Snapshot method never
// fails: a failed refresh is data in the snapshot that it returns, beside the last
// good items. On its way from the API to a snapshot a response passes through
// transport.go (one HTTP exchange), client.go (the SDK, whose pointers end there),
// listing.go (from pages to one consistent listing) and source.go (when to query,
// what to keep).
//
// The package knows nothing about telemetry or about how its snapshots are used: it
// must import neither OpenTelemetry nor Prometheus, nor any package that uses its
// snapshots.
package source
