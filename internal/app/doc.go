// Package app is one running exporter, from the command line to the exit code: it
// reads the configuration, wires up sources, series and server, serves, reloads, and
// checks. The tests of the whole program stand here.
//
// It decides nothing: package instrument decides what is exposed, package source what
// is asked, and package web what is answered.
package app
