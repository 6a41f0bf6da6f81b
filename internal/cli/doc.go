// Package cli reads the exporter's command line: it declares the flags, lets
// kingpin parse them and returns them as validated Options, or an error that names
// the flag, its value and how to correct it.
//
// Flags are declared and validated here. If an option belongs to another package,
// that package checks its range, and this one puts the flag's name before the
// error. The package must not know what is done with the options: it reads no file
// and starts nothing.
package cli
