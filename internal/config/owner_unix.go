//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// owner reports whether the exporter's user may change the mode of a file, and
// whether a mode says who can read it.
func owner(info fs.FileInfo) (own, modes bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || os.Geteuid() == 0 || int(stat.Uid) == os.Geteuid(), true
}
