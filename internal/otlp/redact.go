package otlp

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"datahub_exporter/internal/secret"
)

// redactHeaders returns a Redactor for texts in which a collector may repeat the
// headers that it was sent. It hides each header's value, its words, such as the one
// after "Bearer", and what the word after "Basic" encodes.
func redactHeaders(headers map[string]secret.Value) secret.Redactor {
	var secrets []secret.Value
	for _, value := range headers {
		words := append(strings.Fields(value.Reveal()), value.Reveal())
		for _, word := range slices.Clone(words) {
			if decoded, err := base64.StdEncoding.DecodeString(word); err == nil && utf8.Valid(decoded) {
				_, password, _ := strings.Cut(string(decoded), ":")
				words = append(words, string(decoded), password)
			}
		}
		for _, word := range words {
			secrets = append(secrets, secret.New(word))
		}
	}
	return secret.NewRedactor(secrets...)
}

// redacted is an error whose text repeats none of our secrets.
type redacted struct {
	error
	redactor secret.Redactor
}

// Error returns the text, which is made only if it is logged.
func (e redacted) Error() string { return e.redactor.Redact(e.error.Error()) }
