// Package web routes HTTP requests: the documented metrics paths, the
// exporter's own metrics, its health and a page for people.
//
// It decides about HTTP, and how the page looks, only: what is exposed is package
// instrument's business, what the page tells that of package status. It does not
// know how the cloud is asked.
package web
