// Package reason derives from the message of a failed connector what most likely
// broke, as a word that rules and dashboards can rely on, and what to do about it.
//
// It is a leaf: it knows only texts, not who sent them.
package reason

import (
	"slices"
	"strings"
)

// A Reason is a cause of failures.
type Reason struct {
	// Word is the value of the label "reason".
	Word string
	// Remedy and RemedyChinese each say in one line what to do.
	Remedy, RemedyChinese string
}

// Of returns the most likely cause that a message indicates; its Word is "other" if
// there is none.
//
// In a stack trace the innermost cause with a phrase counts, because those around
// it often say only that a task stops.
func Of(message string) Reason {
	causes := strings.Split(normalize(message), "caused by:")
	for _, cause := range slices.Backward(causes) {
		for _, row := range table {
			if slices.ContainsFunc(row.phrases, func(phrase string) bool { return contains(cause, phrase) }) {
				return row.Reason
			}
		}
	}
	return other
}

// A row of the table is a reason and the phrases that indicate it.
type row struct {
	Reason
	// phrases are in lower case; a message with one of them has the reason. "…"
	// stands for anything of up to longestGap bytes.
	phrases []string
}

const longestGap = 128

// contains reports whether a text contains a phrase.
func contains(text, phrase string) bool {
	head, tail, _ := strings.Cut(phrase, "…")
	for {
		_, after, found := strings.Cut(text, head)
		if !found || strings.Contains(after[:min(len(after), longestGap+len(tail))], tail) {
			return found
		}
		text = after
	}
}

// All returns every reason that Of may return, in the order in
// which they are tried.
func All() []Reason {
	all := make([]Reason, 0, len(table)+1)
	for i := range table {
		all = append(all, table[i].Reason)
	}
	return append(all, other)
}

// normalize returns a message in lower case with single spaces, without the frames of
// Java stack traces, whose class and method names would be taken for words.
func normalize(message string) string {
	words := strings.Fields(strings.ToLower(message))
	kept := words[:0]
	for _, word := range words {
		if last := len(kept) - 1; last >= 0 && kept[last] == "at" && isFrame(word) {
			kept = kept[:last]
			continue
		}
		kept = append(kept, word)
	}
	return strings.Join(kept, " ")
}

// isFrame reports whether a word is a frame, such as "java.lang.thread.run(thread.java:748)".
func isFrame(word string) bool {
	method, _, called := strings.Cut(word, "(")
	return called && strings.Contains(method, ".")
}
