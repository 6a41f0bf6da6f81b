package push

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"datahub_exporter/secret"
)

// mostRead is how many bytes of a text are looked at for secrets: a log keeps 256
// characters, and a collector can send megabytes.
const mostRead = 8 << 10

// hideIn returns a function that replaces in a text what a collector was sent in
// the headers and must not repeat into the log. Of a long text it returns the
// beginning.
func hideIn(headers map[string]secret.Value) func(text string) string {
	secrets, longest := secretsOf(headers)
	redactor := secret.NewRedactor(secrets...)
	return func(text string) string {
		if len(text) <= mostRead+longest {
			return redactor.Redact(text)
		}
		// A secret that the cut leaves a part of is not found, so the end goes.
		text = redactor.Redact(text[:mostRead+longest])
		return text[:max(0, len(text)-longest)]
	}
}

// secretsOf returns each header's value, its words, such as the one behind
// "Bearer", and what the one behind "Basic" encodes, with the number of bytes that
// the longest has when a URL escapes it.
func secretsOf(headers map[string]secret.Value) (secrets []secret.Value, longest int) {
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
			longest = max(longest, 3*len(word))
		}
	}
	return secrets, longest
}
