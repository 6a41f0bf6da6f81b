//go:build !unix

package files

// nonblocking is of no use where no path names a pipe.
const nonblocking = 0
