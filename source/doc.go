// Package source decides when to ask for the state of connector tasks and connections
// and what to keep of the answers, which it publishes as immutable snapshots.
//
// There is one Source for each Target: an account, a region and an action. Its
// Snapshot method never fails: a failed refresh is data in the snapshot that it
// returns, beside the last good items. A refresh makes its calls by call.go (quota and
// retries) with the List function that it was given; listing.go makes one consistent
// Listing of the pages, and snapshot.go keeps what must not be lost.
//
// The package knows neither who makes a call, with which credential, nor how its
// snapshots are used.
package source
