package credential

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"datahub_exporter/internal/secret"
)

// Values are one complete credential: its parts belong together.
type Values struct {
	ID, Key secret.Value
	Token   secret.Value // empty for a permanent credential
	// Expires is when the cloud stops accepting it; zero means never.
	Expires time.Time

	// sent are the secrets that were sent to obtain these values.
	sent []secret.Value
}

// Equal reports whether both are the same credential.
func (v Values) Equal(other Values) bool {
	return v.ID.Equal(other.ID) && v.Key.Equal(other.Key) && v.Token.Equal(other.Token)
}

// secrets returns all secrets that no text may repeat.
func (v Values) secrets() []secret.Value {
	return slices.Concat([]secret.Value{v.ID, v.Key, v.Token}, v.sent)
}

var (
	// placeholder matches what samples have in place of a credential: xxx, <your
	// SecretId>, ${SECRET_ID}, ****, YOUR_SECRET_ID.
	placeholder = regexp.MustCompile(`^(?:[xX]+|<.*>|\$\{.*\}|\*+|(?i:your[-_ ]?secret.*))$`)
	// bare matches visible ASCII, because credentials are sent in HTTP headers. It
	// excludes quotes, which are always leftovers of quoting.
	bare = regexp.MustCompile("^[!#-&(-_a-~]+$")
)

// ErrCharacter is the error for a value that no credential has.
var ErrCharacter = errors.New("has a space, a quote or a character that no credential has; write the bare value")

// Parse returns an ID, a key or a token without the white space around it, empty if
// there is none. Its errors follow the name of where the value is, and do not repeat
// it.
func Parse(text string) (secret.Value, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF"))
	switch {
	case placeholder.MatchString(text):
		return secret.Value{}, errors.New("is a placeholder; write the real value")
	case text != "" && !bare.MatchString(text):
		return secret.Value{}, ErrCharacter
	}
	return secret.New(text), nil
}

// parseAll returns the credential whose ID, key and token are texts. Its error
// begins with the name of the one that is wrong.
func parseAll(names, texts [3]string) (Values, error) {
	var parts [3]secret.Value
	for i, text := range texts {
		var err error
		if parts[i], err = Parse(text); err != nil {
			return Values{}, fmt.Errorf("%s %w", names[i], err)
		}
	}
	return Values{ID: parts[0], Key: parts[1], Token: parts[2]}, nil
}
