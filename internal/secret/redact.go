package secret

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// shortest is the minimum length in bytes of a secret that is redacted: a shorter
// one would be found in half of all words. A SecretId has 36, a SecretKey 32.
const shortest = 8

// mostRead is how many bytes of a text are searched for secrets: a line of the log
// keeps 256 characters, and a peer can write megabytes.
const mostRead = 8 << 10

// A Redactor replaces secrets in texts that others wrote: a server that was sent a
// secret can repeat it. The zero value replaces nothing.
type Redactor struct {
	pattern *regexp.Regexp // nil if there is nothing to replace
	longest int            // the most bytes that a secret can take in a text
}

// NewRedactor returns a Redactor for the secrets, both as they are and as encoded
// in a URL, in upper and lower case. A secret of less than eight bytes is not
// replaced.
func NewRedactor(secrets ...Value) Redactor {
	var forms []string
	longest := 0
	for _, secret := range secrets {
		if value := secret.Reveal(); len(value) >= shortest {
			forms = append(forms, value, url.QueryEscape(value), url.PathEscape(value))
			// In a URL, a byte can take up to three bytes, and so can the letters
			// outside ASCII that are k and s in another case.
			longest = max(longest, 3*len(value))
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
	return Redactor{pattern: regexp.MustCompile("(?i)" + strings.Join(forms, "|")), longest: longest}
}

// Redact returns the text with "<secret>" in place of each secret; of a text longer
// than 8 KiB it returns only the beginning. It must see the text before anything
// cuts it, or a part of a secret may be left.
func (r Redactor) Redact(text string) string {
	// A secret that begins before the cut is within the window.
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
