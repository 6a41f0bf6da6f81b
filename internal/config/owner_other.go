//go:build !unix

package config

import "io/fs"

// owner reports that a mode does not say who can read a file, as on Windows.
func owner(fs.FileInfo) (own, modes bool) { return false, false }
