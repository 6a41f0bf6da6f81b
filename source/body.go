package source

import (
	"bytes"
	"fmt"
)

// maxValues is the most values of any kind in an answer, so that a small text
// cannot take much memory: decoded, {} takes a hundred times its size. A page of
// items whose fields are all filled in has 110 values for each
// (TestTheLongestPagesArePages).
const maxValues = 1000 * pageSize

var (
	errTooLarge = &Error{Class: Decode, Message: fmt.Sprintf("answer is larger than %d MiB", maxBody>>20)}
	errTooMany  = &Error{Class: Decode, Message: fmt.Sprintf("answer has more than %d values", maxValues)}
)

// refuseBody judges a body by its size, before anything is decoded.
func refuseBody(body []byte) error {
	if len(body) > maxBody {
		return errTooLarge
	}
	if mostValues(body) > maxValues && countValues(body) > maxValues {
		return errTooMany
	}
	return nil
}

// mostValues is never less than countValues, and many times as fast: what stands in
// strings it counts as well.
func mostValues(text []byte) int {
	return 1 + bytes.Count(text, []byte{','}) + bytes.Count(text, []byte{'{'}) + bytes.Count(text, []byte{'['})
}

// countValues returns how many values a JSON text has at the most, in time
// proportional to its length and without memory: each value but one begins
// behind a comma or an opening bracket. In a text that is no JSON it counts
// something, which is good enough: such a text takes no memory.
func countValues(text []byte) int {
	values, quoted := 1, false
	for i := 0; i < len(text); i++ {
		switch character := text[i]; {
		case quoted && character == '\\':
			i++ // what is escaped ends no string
		case character == '"':
			quoted = !quoted
		case !quoted && (character == ',' || character == '{' || character == '['):
			values++
		}
	}
	return values
}
