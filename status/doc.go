// Package status makes one document of what the sources know: how fresh it is,
// what does not run and why, and what hangs on what. The page shows it to
// people, and its JSON, which docs/status.md describes field by field, to
// programs.
//
// A document is a pure function of snapshots: it tells times, not ages, so that
// all who ask while nothing has changed get the same one. The package knows no
// HTTP and no language beyond the words that it passes on.
package status
