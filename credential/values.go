package credential

import (
	"context"
	"slices"
	"time"

	"datahub_exporter/secret"
)

// Values are one credential, whole: its parts belong together.
type Values struct {
	ID, Key secret.Value
	Token   secret.Value // empty for a permanent credential
	// Expires is when the cloud stops taking it; zero is never.
	Expires time.Time

	// behind are the secrets that these values were got with.
	behind []secret.Value
}

// Equal reports whether both are the same credential.
func (v Values) Equal(other Values) bool {
	return v.ID.Equal(other.ID) && v.Key.Equal(other.Key) && v.Token.Equal(other.Token)
}

// secrets returns all that no text may repeat.
func (v Values) secrets() []secret.Value {
	return slices.Concat([]secret.Value{v.ID, v.Key, v.Token}, v.behind)
}

// A Provider is one way to hold a credential.
type Provider interface {
	// Retrieve gets the credential anew. It returns soon after ctx has ended, unless
	// it waits for a disk. Its error holds no secret and says what to do.
	Retrieve(ctx context.Context) (Values, error)
}

// static is a credential that is known.
type static Values

// Retrieve returns it.
func (s static) Retrieve(context.Context) (Values, error) { return Values(s), nil }
