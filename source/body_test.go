package source

import (
	"fmt"
	"strings"
	"testing"
)

// A text has at least one value, and one more behind each comma and each opening
// bracket that stands in no string.
func TestCountValues(t *testing.T) {
	for text, want := range map[string]int{
		`null`:                   1,
		`[]`:                     2, // at the most, for empty ones count as if they held one
		`[1,2,3]`:                4,
		`{"a":1,"b":[{},{}]}`:    7,
		`"a,b[c{d"`:              1,
		`["a\",b", 1]`:           3, // an escaped quote ends no string
		`["a\\", 1, 2]`:          4, // an escaped backslash escapes no quote
		`["C:\\dir\\", "x,y,z"]`: 3,
		`\",`:                    1, // no JSON: a backslash counts inside a string only
		`["a\`:                   2, // breaks off in an escape
	} {
		if have := countValues([]byte(text)); have != want {
			t.Errorf("%s: want %d, have %d", text, want, have)
		}
	}
}

func TestBodyWithMoreValuesThanAPageHas(t *testing.T) {
	list := func(values int) []byte { return []byte("[" + strings.Repeat("0,", values-2) + "0]") }
	for values, want := range map[int]string{
		maxValues:     "<nil>",
		maxValues + 1: "decode: answer has 100001 values, more than the 100000 that a page can have",
	} {
		if have := fmt.Sprint(refuseBody(list(values))); have != want {
			t.Errorf("%d values: want %s, have %s", values, want, have)
		}
	}
}
