// Package web routes HTTP requests: the documented metrics paths, the
// exporter's own metrics, its health and a page for people.
//
// It decides only about HTTP and how the page looks: package instrument decides
// what is exposed, and package status what the page says. It does not know how the
// cloud is asked.
package web
