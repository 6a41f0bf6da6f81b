package source

import (
	"bytes"
	"fmt"
)

// maxValues is the maximum number of values of any kind in a response. It keeps a
// small text from taking much memory: decoded, {} takes a hundred times its size. A
// page of items with every field filled in has 110 values for each
// (TestTheLongestPagesArePages).
const maxValues = 1000 * pageSize

var (
	errTooLarge = &Error{Class: Decode, Message: fmt.Sprintf("answer is larger than %d MiB", maxBody>>20)}
	errTooMany  = &Error{Class: Decode, Message: fmt.Sprintf("answer has more than %d values", maxValues)}
)

// refuseBody returns an error if body has too many bytes or values. It runs before
// anything is decoded.
func refuseBody(body []byte) error {
	if len(body) > maxBody {
		return errTooLarge
	}
	if mostValues(body) > maxValues && countValues(body) > maxValues {
		return errTooMany
	}
	return nil
}

// mostValues returns an upper bound for countValues, many times as fast: it does
// not exclude what is inside strings.
func mostValues(text []byte) int {
	return 1 + bytes.Count(text, []byte{','}) + bytes.Count(text, []byte{'{'}) + bytes.Count(text, []byte{'['})
}

// countValues returns an upper bound for the number of values in a JSON text, in
// linear time and without allocating: every value except one follows a comma or an
// opening bracket. For a text that is not JSON the count means nothing, which does
// no harm: such a text takes no memory.
func countValues(text []byte) int {
	values, quoted := 1, false
	for i := 0; i < len(text); i++ {
		switch character := text[i]; {
		case quoted && character == '\\':
			i++ // an escaped character does not end the string
		case character == '"':
			quoted = !quoted
		case !quoted && (character == ',' || character == '{' || character == '['):
			values++
		}
	}
	return values
}
