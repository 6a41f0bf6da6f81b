// Package source asks Tencent Cloud's CKafka API for the state of connector
// tasks and connections and publishes the answers as immutable snapshots.
//
// There is one Source for each (account, region, action). Its Snapshot never
// fails: a failed refresh is data in the snapshot that it returns, beside the
// last good items. On the way from the API to a snapshot an answer passes
// transport.go (one HTTP exchange), client.go (the SDK, whose pointers end
// there), listing.go (pages to one consistent listing) and source.go (when to
// ask, what to keep).
//
// The package knows no telemetry: it must import neither OpenTelemetry nor
// Prometheus, and nothing of what is made of its snapshots.
package source
