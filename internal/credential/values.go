package credential

import (
	"context"
	"slices"
	"time"

	"datahub_exporter/internal/secret"
)

// Values are one complete credential: its parts belong together.
type Values struct {
	ID, Key secret.Value
	Token   secret.Value // empty for a permanent credential
	// Expires is when the cloud stops accepting it; zero means never.
	Expires time.Time

	// origin are the secrets that were used to obtain these values.
	origin []secret.Value
}

// Equal reports whether both are the same credential.
func (v Values) Equal(other Values) bool {
	return v.ID.Equal(other.ID) && v.Key.Equal(other.Key) && v.Token.Equal(other.Token)
}

// secrets returns all secrets that no text may repeat.
func (v Values) secrets() []secret.Value {
	return slices.Concat([]secret.Value{v.ID, v.Key, v.Token}, v.origin)
}

// A Provider is one source of a credential.
type Provider interface {
	// Retrieve gets a new credential. It returns soon after ctx has ended, unless
	// it waits for a disk. Its error contains no secret and says what to do.
	Retrieve(ctx context.Context) (Values, error)
}

// static is a known credential.
type static Values

// Retrieve returns the credential.
func (s static) Retrieve(context.Context) (Values, error) { return Values(s), nil }
