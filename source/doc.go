// Package source decides when to list connector tasks and connections and what to keep
// of the responses, which it publishes as immutable snapshots.
//
// There is one Source for each Target: an account, a region and an action. Its
// Snapshot method never fails: a failed refresh is data in the snapshot that it
// returns, together with the last good items. A refresh calls the List function of its
// Lister within the quota and with retries (call.go), makes one consistent Listing of the
// pages (pages.go) and keeps what an incomplete one lacks (listing.go).
//
// The package knows neither who makes a call, with which credential, nor how its
// snapshots are used.
package source
