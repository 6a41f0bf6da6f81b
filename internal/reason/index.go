package reason

import "strings"

// A row of the table is a reason and the phrases that indicate it.
type row struct {
	Reason
	// phrases are in lower case; a message with one of them has the reason. "…"
	// stands for anything of up to longestGap bytes.
	phrases []string
}

const longestGap = 128

// keyLength is how many bytes of a phrase are looked up; no phrase is shorter.
const keyLength = 4

// index holds the phrases of all rows by their first bytes, so that a message is
// read once and not once for each phrase: a fleet may have thousands of messages
// that change with each refresh.
type index map[string][]phrase

type phrase struct {
	row        int
	head, tail string
}

// phrases is the index of the table.
var phrases = newIndex(table)

func newIndex(rows []row) index {
	phrases := index{}
	for i, row := range rows {
		for _, text := range row.phrases {
			head, tail, _ := strings.Cut(text, "…")
			phrases[head[:keyLength]] = append(phrases[head[:keyLength]], phrase{i, head, tail})
		}
	}
	return phrases
}

// first returns the first row with a phrase in the text, or the number of rows if
// there is none.
func (x index) first(text string) int {
	first := len(table)
	for at := range len(text) - keyLength + 1 {
		for _, phrase := range x[text[at:at+keyLength]] {
			if phrase.row < first && phrase.begins(text[at:]) {
				first = phrase.row
			}
		}
	}
	return first
}

func (p phrase) begins(text string) bool {
	after, found := strings.CutPrefix(text, p.head)
	return found && strings.Contains(after[:min(len(after), longestGap+len(p.tail))], p.tail)
}
