// Package command reads the exporter's command line: it declares the flags, has
// kingpin parse them and returns them as validated Options, or an error that
// names the flag, its value and the way out.
//
// A flag is declared and judged here; the range of an option that belongs to
// another package is that package's to say, and the flag's name is put before
// it. The package must not know what is done with the options: no file is read
// and nothing is started.
package command
