package source

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// redacted is all that anyone sees of a Secret, an empty one included.
const redacted = "<secret>"

// A Secret is a credential that can be used but not printed. Every verb of
// fmt, slog, encoding/json and encoding/xml shows "<secret>" in its place.
// The zero value is the empty secret.
//
// fmt calls no methods on the unexported fields of a struct: it walks into
// them. The value is therefore kept behind a pointer to a string, which fmt
// prints as an address and does not follow.
type Secret struct {
	_     [0]func() // forbids ==, which would compare the pointers
	value *string
}

// NewSecret returns a secret that holds value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// Reveal returns the value itself, for the one who signs or sends it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.value == nil }

// Equal reports whether both secrets hold the same value.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String returns "<secret>".
func (Secret) String() string { return redacted }

// GoString returns "<secret>".
func (Secret) GoString() string { return redacted }

// Format writes "<secret>" for every verb, width and flag.
func (Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns "<secret>".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns the JSON string "<secret>"; it never fails.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText returns "<secret>"; it never fails.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
