// Package app is one running exporter, from the command line to the exit code: it
// reads the configuration, wires up sources, series and server, serves, reloads, and
// checks. The tests of the program are here, too.
//
// It decides nothing: package instrument decides what is exposed, package source what
// is called, and package web what is served.
package app
