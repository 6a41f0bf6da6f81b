// Package config reads the exporter's configuration file, in the ini format,
// and returns what it says as a validated Config, or one line that says where
// the file is wrong and how to put it right. It corrects nothing silently.
//
// No error or warning holds a credential, nor a line of the file, which may
// hold one: keys and sections are named, and of values only what is too short
// or too plain for a credential is quoted.
//
// The way of a file: read.go has package files fetch its text; scan.go checks
// that every line is one that the ini library and its author understand alike,
// and knows the line numbers that the library does not; schema.go holds the known
// names; model.go has the library read the values; validate.go judges them.
//
// The package must not know the cloud's API or SDK, telemetry, flags or the
// network: a credential that the cloud refuses is valid here.
package config
