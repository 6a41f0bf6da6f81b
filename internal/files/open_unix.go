//go:build unix

package files

import "syscall"

// nonblocking opens a pipe without waiting for a writer, and allows a read of it to
// have a deadline.
const nonblocking = syscall.O_NONBLOCK
