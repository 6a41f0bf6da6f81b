// Package config reads the exporter's configuration file, in the ini format, and
// returns its content as a validated Config, or a one-line error that says where
// the file is wrong and how to correct it. It corrects nothing silently.
//
// No error or warning contains a credential, or a line of the file, which may
// contain one. Keys and sections are named, and values are quoted only if they are
// too short or too plain to be a credential.
//
// A file passes through read.go, which gets its text with package files; scan.go,
// which checks that the ini library and the author understand every line alike, and
// keeps the line numbers, which the library does not know; schema.go, which has the
// known names; model.go, which lets the library read the values; and validate.go,
// which checks them.
//
// The package must not know the cloud's API or SDK, telemetry, flags or the
// network: a credential that the cloud refuses is valid here.
package config
