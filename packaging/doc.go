// Package packaging holds the tests of what users install: the systemd units, the
// packages, the container image, the manual page and the files of the release, each
// read by the program that will read it.
//
// It is a module of its own, so that what the tests and the small programs beside
// them need is no burden on the exporter's.
package packaging
