// Package files reads files at startup: regular files, and pipes with data. It
// limits size and time, so that no file can block the start or take all memory.
//
// A path comes from a flag, a file or a variable. It may name a pipe that nobody
// writes to, a device that never ends or a disk that does not respond. The package
// must not know what the files are for: its errors say what is wrong with the file,
// and the caller adds its path and where the path comes from.
package files
