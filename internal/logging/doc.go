// Package logging keeps the log readable: what repeats is limited, what others said
// becomes one clean line, and libraries do not write past it.
//
// It is a leaf: it must not know what fails.
package logging
