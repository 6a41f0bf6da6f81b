package web

import (
	"strings"
	"testing"
)

// A text of thousands of words costs no more than one of sixteen: the words after
// those are ignored.
func TestFilterIgnoresWordsAfterTheSixteenth(t *testing.T) {
	items := []*Item{{ID: "task-1", Name: "orders"}}
	for text, want := range map[string]int{
		strings.Repeat("orders ", 16) + "nowhere": 1,
		strings.Repeat("orders ", 15) + "nowhere": 0,
		strings.Repeat("orders ", 30_000):         1,
	} {
		if have := len(Filter{Text: text}.Select(items)); have != want {
			t.Errorf("%d bytes: want %d, have %d", len(text), want, have)
		}
	}
}
