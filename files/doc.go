// Package files reads the files that the exporter is told to read at its start,
// of which none may hold the start up or take all memory: regular files, and
// pipes with data, up to a size and within a time.
//
// A path is what somebody wrote into a flag, a file or a variable. It may name a
// pipe that nobody writes to, a device that never ends or a disk that does not
// answer. The package must not know what the files are for: its errors say what
// the file is, and the caller puts before them its path and where that stands.
package files
