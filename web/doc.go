// Package web routes HTTP requests: the documented metrics paths, the
// exporter's own metrics, its health and a page for people.
//
// It decides about HTTP only: what is exposed is package instrument's business,
// and it neither asks the cloud nor knows that there is one.
package web
