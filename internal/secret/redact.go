package secret

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// minLength is the minimum length in bytes of a secret that is redacted: a shorter
// one would be found in half of all words. A SecretId has 36, a SecretKey 32.
const minLength = 8

// A Redactor replaces secrets in texts that others wrote: a server that was sent a
// secret can repeat it. The zero value replaces nothing.
type Redactor struct {
	pattern *regexp.Regexp // nil if there is nothing to replace
}

// NewRedactor returns a Redactor for the secrets, both as they are and as encoded
// in a URL, in upper and lower case. A secret of less than eight bytes is not
// replaced.
func NewRedactor(secrets ...Value) Redactor {
	var forms []string
	for _, secret := range secrets {
		if value := secret.Reveal(); len(value) >= minLength {
			forms = append(forms, value, url.QueryEscape(value), url.PathEscape(value))
		}
	}
	if forms == nil {
		return Redactor{}
	}
	// The longest first: if one secret is a prefix of another, nothing of the
	// longer one is left.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for i, form := range forms {
		forms[i] = regexp.QuoteMeta(form)
	}
	return Redactor{pattern: regexp.MustCompile("(?i)" + strings.Join(forms, "|"))}
}

// Redact returns the text with "<secret>" in place of each secret. It must see the
// text before anything cuts it, or a part of a secret may be left.
func (r Redactor) Redact(text string) string {
	if r.pattern == nil {
		return text
	}
	return r.pattern.ReplaceAllLiteralString(text, redacted)
}
