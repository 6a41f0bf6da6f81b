package source

import (
	"bytes"
	"fmt"
	"io"
)

// maxValues is the maximum number of values of any kind in a response. It bounds what
// a small text can cost: a value can take as little as two bytes. A page of items with
// every field filled in has 110 values for each (TestTheLongestPagesArePages).
const maxValues = 1000 * pageSize

var (
	errTooLarge = &Error{Class: Decode, Message: fmt.Sprintf("answer is larger than %d MiB", maxBody>>20)}
	errTooMany  = &Error{Class: Decode, Message: fmt.Sprintf("answer has more than %d values", maxValues)}
)

// body is the body of a response. It counts what is read of it.
type body struct {
	from   io.Reader
	broken error // why it ended early
	size   int
	marks  int // commas and opening brackets, those in strings included
}

// newBody returns a body that ends one byte after the largest size that is not
// refused.
func newBody(from io.Reader) *body { return &body{from: io.LimitReader(from, maxBody+1)} }

// Read implements io.Reader.
func (b *body) Read(into []byte) (int, error) {
	n, err := b.from.Read(into)
	if err != nil && err != io.EOF { //nolint:errorlint // an io.Reader returns it as it is
		b.broken = err
	}
	b.size += n
	b.marks += bytes.Count(into[:n], []byte{','}) + bytes.Count(into[:n], []byte{'{'}) + bytes.Count(into[:n], []byte{'['})
	return n, err
}

// finish reads what is left.
func (b *body) finish() { _, _ = io.Copy(io.Discard, b) }

// mayHaveTooMany reports whether the body may have more values than are accepted, as
// it does if a reader has counted too many: every value except one follows a comma or
// an opening bracket.
func (b *body) mayHaveTooMany() bool { return 1+b.marks > maxValues }
