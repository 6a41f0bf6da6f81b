package recording

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// standIns maps the texts of one recording to their stand-ins. These are random, so
// that nothing leads back to a text: the runtime seeds math/rand/v2 from the
// system, with ChaCha8.
type standIns struct {
	drawn map[string]string
	used  map[string]bool
}

func newStandIns() standIns {
	return standIns{drawn: map[string]string{}, used: map[string]bool{}}
}

// maxDraws is how often a stand-in is drawn again because it is in use. After that,
// two short texts may have the same one: there are only 36 of one letter.
const maxDraws = 100

// get returns the stand-in for a text, always the same one. It has as many
// characters and bytes as the text, and differs from those of other texts. That of
// an empty text is empty.
func (s standIns) get(text string) string {
	if standIn, drawn := s.drawn[text]; drawn {
		return standIn
	}
	standIn := draw(text)
	for range maxDraws {
		if !s.used[standIn] {
			break
		}
		standIn = draw(text)
	}
	s.drawn[text], s.used[standIn] = standIn, true
	return standIn
}

// alphabets are the characters of stand-ins, by the number of bytes of each in
// UTF-8: the first one and their number.
var alphabets = [utf8.UTFMax + 1]struct{ first, count rune }{
	2: {'à', 'ö' - 'à' + 1},
	3: {'一', 5000},
	4: {'🌀', 300},
}

func draw(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyz0123456789"
	var standIn strings.Builder
	for _, character := range text {
		size := utf8.RuneLen(character)
		if size <= 1 {
			standIn.WriteByte(plain[rand.IntN(len(plain))])
			continue
		}
		standIn.WriteRune(alphabets[size].first + rand.N(alphabets[size].count))
	}
	return standIn.String()
}
