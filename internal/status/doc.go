// Package status makes one document of what the sources know: how fresh it is, what
// is not running and why, and what depends on what. People see it as a page, and
// programs read it as JSON, which docs/status.md describes field by field.
//
// A document is a pure function of snapshots: it contains times, not ages, so that
// all readers get the same one while nothing has changed. The package knows no HTTP
// and no language beyond the words that it passes on.
package status
