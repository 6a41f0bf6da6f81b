package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// The limits on a response must never reject a page. So this test measures the
// longest pages: all texts have 128 characters, more than the console lets anyone
// type, and all parameters have 30 fields, as many as those of a MySQL source,
// which has the most.
func TestTheLongestPagesArePages(t *testing.T) {
	for action := range shapes {
		t.Run(string(action), func(t *testing.T) {
			var document any
			if err := json.Unmarshal(realPage(t, action), &document); err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(stretched(document))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes, %d values", len(body), countValues(body))
			if len(body) < 400_000 {
				t.Errorf("a page of %d bytes is not the longest", len(body))
			}
			if err := refuseBody(body); err != nil {
				t.Errorf("a page of %d bytes and %d values is refused: %v", len(body), countValues(body), err)
			}
		})
	}
}

// stretched returns a document with long texts and full parameters.
func stretched(document any) any {
	switch document := document.(type) {
	case string:
		return strings.Repeat("n", 128)
	case []any:
		for i, element := range document {
			document[i] = stretched(element)
		}
	case map[string]any:
		for name, value := range maps.Clone(document) {
			document[name] = stretched(value)
			if parameters, ok := value.(map[string]any); ok && strings.HasSuffix(name, "Param") {
				for i := len(parameters); i < 30; i++ {
					parameters[fmt.Sprint("MoreOfTheSame", i)] = stretched("")
				}
			}
		}
	}
	return document
}

func TestCountValues(t *testing.T) {
	for text, want := range map[string]int{
		``:                        1,
		`7`:                       1,
		`[1,2,3]`:                 4,
		`{"a":{"b":[1,2]},"c":0}`: 6,
		`["{,[","\",","\\",1]`:    5,
		`["\\\\",[`:               4,
		`"unclosed,,,`:            1,
		`"at the end \`:           1,
	} {
		if have := countValues([]byte(text)); have != want {
			t.Errorf("%s: want %d, have %d", text, want, have)
		}
	}
}

func TestBodyWithMoreValuesThanAPageHas(t *testing.T) {
	for values, want := range map[int]error{maxValues: nil, maxValues + 1: errTooMany} {
		body := "[" + strings.Repeat("0,", values-2) + "0]"
		if have := refuseBody([]byte(body)); !errors.Is(have, want) {
			t.Errorf("%d values: want %v, have %v", values, want, have)
		}
	}
}
