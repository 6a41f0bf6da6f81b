package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"

	"datahub_exporter/internal/secret"
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
			read := newBody(bytes.NewReader(body))
			if _, err := decode(read, shapes[action], secret.Redactor{}, nil); err != nil {
				t.Errorf("a page of %d bytes is refused: %v", read.size, err)
			}
			t.Logf("%d bytes, at most %d values", read.size, 1+read.marks)
			if read.size < 400_000 || read.size > maxBody {
				t.Errorf("a page of %d bytes is not the longest", read.size)
			}
			if read.mayHaveTooMany() {
				t.Errorf("a page with %d commas and brackets may be refused", read.marks)
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

// Values are counted wherever they are, once each, and names are not.
func TestValuesAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		`{}`:                        1,
		`{"a":7}`:                   2,
		`{"a":[1,2,3]}`:             5,
		`{"a":{"b":[1,{}]},"c":0}`:  6,
		`{"a":["{,[","\",\"",","]}`: 5,
		`{"Response":{"Result":{"TotalCount":2,"TaskList":[{"TaskId":"a"},null]}}}`: 8,
		`{"Response":{"Error":{"Code":"a","Other":{"b":[[],{}]}},"RequestId":"r"}}`: 9,
	} {
		for how, body := range map[string]io.Reader{"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text))} {
			from := readers.Get().(*reader)
			if err := from.parse(newBody(body), &answer{response{Result: result{name: "TaskList", List: list{element: new(task)}}}}); err != nil || from.values != want {
				t.Errorf("%s, %s: want %d, have %d, %v", text, how, want, from.values, err)
			}
		}
	}
}

func TestBodyWithMoreValuesThanAPageHas(t *testing.T) {
	const around = 5 // the values that are not in X
	for values, want := range map[int]error{maxValues: nil, maxValues + 1: errTooMany} {
		text := `{"Response":{"Result":{"X":[` + strings.Repeat(`"{,[",`, values-around-1) + `0],"TotalCount":0}}}`
		if _, have := decode(newBody(strings.NewReader(text)), shapes[Tasks], secret.Redactor{}, nil); !errors.Is(have, want) {
			t.Errorf("%d values: want %v, have %v", values, want, have)
		}
	}
}
