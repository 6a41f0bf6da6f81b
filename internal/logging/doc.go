// Package logging keeps the log readable: what repeats is limited, texts from outside
// become one clean line, and libraries do not write past it.
//
// It is a leaf: it must not know what fails.
package logging
