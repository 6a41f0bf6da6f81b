package secret

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// shortest is the length in bytes below which a secret is not replaced in a text:
// it would be found in half of all words. A SecretId has 36, a SecretKey 32.
const shortest = 8

// mostRead is how many bytes of a text are looked at for secrets: a line of the
// log keeps 256 characters, and others can write megabytes.
const mostRead = 8 << 10

// A Redactor replaces secrets in texts that others wrote: a server that is told a
// secret can repeat it. The zero value replaces nothing.
type Redactor struct {
	pattern *regexp.Regexp // nil if there is nothing to replace
	longest int            // the most bytes that a secret takes in a text
}

// NewRedactor returns a Redactor for the secrets, as they are and as a URL writes
// them, in upper and lower case. One of less than eight bytes is not replaced.
func NewRedactor(secrets ...Value) Redactor {
	var forms []string
	longest := 0
	for _, secret := range secrets {
		if value := secret.Reveal(); len(value) >= shortest {
			forms = append(forms, value, url.QueryEscape(value), url.PathEscape(value))
			// Of each byte a URL makes up to three, and so do letters beyond ASCII
			// that are k and s in another case.
			longest = max(longest, 3*len(value))
		}
	}
	if forms == nil {
		return Redactor{}
	}
	// The longest first, so that of two secrets of which one begins as the other
	// does nothing is left.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for i, form := range forms {
		forms[i] = regexp.QuoteMeta(form)
	}
	return Redactor{pattern: regexp.MustCompile("(?i)" + strings.Join(forms, "|")), longest: longest}
}

// Redact returns the text with "<secret>" in place of each secret, and of one that
// is longer than 8 KiB the beginning. It must see the text before anything cuts
// it, or a part of a secret may be left.
func (r Redactor) Redact(text string) string {
	// What begins before the cut is seen whole.
	window := text[:min(len(text), mostRead+r.longest)]
	most := min(len(text), mostRead)
	var replaced strings.Builder
	begin := 0
	for _, found := range r.find(window) {
		if found[0] >= most {
			break
		}
		replaced.WriteString(window[begin:found[0]] + redacted)
		begin = found[1]
	}
	return replaced.String() + window[min(begin, most):most]
}

// find returns where secrets are.
func (r Redactor) find(text string) [][]int {
	if r.pattern == nil {
		return nil
	}
	return r.pattern.FindAllStringIndex(text, -1)
}
