//go:build unix

package files

import "syscall"

// nonblocking has the open of a pipe not wait for a writer, and lets a read of it
// have a deadline.
const nonblocking = syscall.O_NONBLOCK
