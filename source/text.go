package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is how many characters of a text of the API's are kept: enough for
// its longest documented messages, too little to flood a log.
const maxLine = 256

// cleanLine makes a text that the API sent fit for a log or a label: valid
// UTF-8, one line, no control characters, maxLine characters at most.
func cleanLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= maxLine {
		return text
	}
	return string([]rune(text)[:maxLine-1]) + "…"
}
