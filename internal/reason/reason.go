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
// there is none. The time is linear in the length of the message.
//
// In a stack trace the innermost cause with a phrase counts, because those around
// it often say only that a task stops.
func Of(message string) Reason {
	causes := strings.Split(normal(message), "caused by:")
	for _, cause := range slices.Backward(causes) {
		if row := phrases.first(cause); row < len(table) {
			return table[row].Reason
		}
	}
	return other
}

// All returns the whole table: every reason that Of may return, in the order in
// which they are tried.
func All() []Reason {
	all := make([]Reason, 0, len(table)+1)
	for i := range table {
		all = append(all, table[i].Reason)
	}
	return append(all, other)
}

// normal returns a message in lower case with single spaces, without the frames of
// Java stack traces, whose class and method names would be taken for words.
func normal(message string) string {
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
