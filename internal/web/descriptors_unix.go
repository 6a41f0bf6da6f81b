//go:build unix

package web

import "syscall"

// descriptors returns how many descriptors the process may have open, or 0 if that
// is unknown.
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Cur, 1<<20))
}
