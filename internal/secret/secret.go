// Package secret provides values that can be used but not printed.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is all that is ever shown of a Value, even of an empty one.
const redacted = "<secret>"

// A Value is a credential that can be used but not printed. Every verb of
// fmt, slog, encoding/json and encoding/xml shows "<secret>" in its place.
// The zero value is the empty secret.
//
// fmt calls no methods on the unexported fields of a struct: it walks into
// them. The value is therefore kept behind a pointer to a string, which fmt
// prints as an address and does not follow.
type Value struct {
	_     [0]func() // forbids ==, which would compare the pointers
	value *string
}

// New returns a secret with the given value.
func New(value string) Value {
	if value == "" {
		return Value{}
	}
	return Value{value: &value}
}

// Reveal returns the value itself, for signing or sending.
func (s Value) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Equal reports whether both secrets have the same value.
func (s Value) Equal(other Value) bool { return s.Reveal() == other.Reveal() }

// String returns "<secret>".
func (Value) String() string { return redacted }

// Format writes "<secret>" for every verb, width and flag.
func (Value) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns "<secret>".
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "<secret>", for JSON and XML too. It never fails.
func (Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }
