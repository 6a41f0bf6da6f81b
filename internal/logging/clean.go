package logging

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLength is how many characters of a text are kept: enough for the longest
// documented messages of the API, too few to flood a log.
const maxLength = 256

// Clean returns the text as valid UTF-8 in one line, without control characters
// and cut to 256 characters.
func Clean(text string) string { return CleanTo(maxLength, text) }

// CleanTo is like Clean with another number of characters, at least one.
func CleanTo(length int, text string) string {
	if len(text) <= length && isPlain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= length {
		return text
	}
	return string([]rune(text)[:length-1]) + "…"
}

// isPlain reports whether a text needs no cleaning, as almost all do: it has only
// printable ASCII characters, and no space at an end.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return text == "" || text[0] != ' ' && text[len(text)-1] != ' '
}
