//go:build !unix

package files

// nonblocking has no effect, because no path names a pipe here.
const nonblocking = 0
