// Package web routes HTTP requests: the documented metrics paths, the exporter's
// own metrics, its health, and the status of all sources as a page for people and as
// JSON for programs.
//
// Package instrument decides what is exposed. This package does not know how the
// cloud is asked.
package web
