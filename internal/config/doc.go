// Package config reads the exporter's configuration file, in the ini format, and
// returns its content as a validated Config, or a one-line error that says where
// the file is wrong and how to correct it. It corrects nothing silently.
//
// No error or warning contains a credential, or a line of the file, which may
// contain one. Keys and sections are named, and values are quoted only if they are
// too short or too plain to be a credential.
//
// The ini library reads the values (model.go). It knows no line numbers and merges
// duplicates, so the lines are checked before (lines.go).
//
// The package must not know the cloud's API or SDK, telemetry, flags or the
// network: a credential that the cloud refuses is valid here.
package config
