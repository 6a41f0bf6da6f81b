package recording

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// standIns are the stand-ins of one recording by the texts that they stand for.
// They are drawn at random, so that nothing leads back to a text: the runtime
// seeds math/rand/v2 by the system, with ChaCha8.
type standIns struct {
	drawn map[string]string
	used  map[string]bool
}

func newStandIns() standIns {
	return standIns{drawn: map[string]string{}, used: map[string]bool{}}
}

// draws is how often another stand-in is drawn for one that is in use. Two short
// texts may then have the same: there are 36 of one letter.
const draws = 100

// of returns the stand-in of a text, the same each time. It has as many characters
// and bytes, and differs from those of other texts. That of an empty text is
// empty.
func (s standIns) of(text string) string {
	if standIn, drawn := s.drawn[text]; drawn {
		return standIn
	}
	standIn := draw(text)
	for range draws {
		if !s.used[standIn] {
			break
		}
		standIn = draw(text)
	}
	s.drawn[text], s.used[standIn] = standIn, true
	return standIn
}

// alphabets are the characters of stand-ins by the bytes that each takes in UTF-8:
// the first and the number of them.
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
