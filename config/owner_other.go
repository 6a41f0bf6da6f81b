//go:build !unix

package config

import "io/fs"

// owner reports that no mode says who can read a file, as on Windows.
func owner(fs.FileInfo) (own, modes bool) { return false, false }
