package reason_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"datahub_exporter/internal/reason"
)

func TestRealMessages(t *testing.T) {
	for _, test := range append(messages[:len(messages):len(messages)], traces...) {
		if have := reason.Of(test.message).Word; have != test.word {
			t.Errorf("%q\n\twant %s, have %s", test.message, test.word, have)
		}
	}
}

// Some real message has each word of the table, and no message has another word.
func TestEveryReasonHasARealMessage(t *testing.T) {
	seen := map[string]bool{}
	for _, test := range messages {
		seen[test.word] = true
	}
	for _, reason := range reason.All() {
		if !seen[reason.Word] {
			t.Errorf("no message has %s", reason.Word)
		}
		delete(seen, reason.Word)
	}
	for word := range seen {
		t.Errorf("%s: in no row of the table, or in two", word)
	}
}

func TestRemediesFitALine(t *testing.T) {
	for _, reason := range reason.All() {
		for language, remedy := range map[string]string{"English": reason.Remedy, "Chinese": reason.RemedyChinese} {
			if count := utf8.RuneCountInString(remedy); count < 20 || count > 320 || strings.ContainsAny(remedy, "\r\n\t") {
				t.Errorf("%s in %s: want one line of 20 to 320 characters, have %d: %q", reason.Word, language, count, remedy)
			}
		}
	}
}

// Neither the case of a message nor the text around it changes its reason.
func TestSameReasonHoweverItIsWritten(t *testing.T) {
	for _, test := range messages {
		if test.word == "other" {
			continue
		}
		for _, written := range []string{strings.ToUpper(test.message), strings.ToLower(test.message), "[orders-0] " + test.message + " (attempt 3)"} {
			if have := reason.Of(written).Word; have != test.word {
				t.Errorf("%q\n\twant %s, have %s", written, test.word, have)
			}
		}
	}
}

// FuzzOf checks that any text has a reason of the table, and always the same one.
func FuzzOf(f *testing.F) {
	for _, test := range append(messages[:len(messages):len(messages)], traces...) {
		f.Add(test.message)
	}
	f.Fuzz(func(t *testing.T, message string) {
		have := reason.Of(message)
		if have != reason.Of(message) {
			t.Errorf("two reasons for %q", message)
		}
		for _, listed := range reason.All() {
			if have == listed {
				return
			}
		}
		t.Errorf("%q: %+v is not in the table", message, have)
	})
}

// BenchmarkOf measures the worst case: the longest message that source keeps, in
// which no row has a phrase.
func BenchmarkOf(b *testing.B) {
	message := strings.Repeat("nothing that anybody knows, ", 2048/28)
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		reason.Of(message)
	}
}
