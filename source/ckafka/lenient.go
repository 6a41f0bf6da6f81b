package ckafka

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"datahub_exporter/source"
)

// The types of this file decode what is only shown: a value of another type than
// documented is as good as none and costs no listing.

// longestText is how many bytes of a message, a warning or a description are kept.
// The stack traces of Kafka Connect name their cause within that; otherwise only
// the size of the body would limit a message.
const longestText = 2048

// text is a string.
type text string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (t *text) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*t = ""
	if from.PeekKind() != jsontext.KindString {
		return from.SkipValue()
	}
	return json.UnmarshalDecode(from, (*string)(t))
}

// cut returns the first 2 KiB of a text, without a partial character at the end.
func (t text) cut() string {
	if len(t) <= longestText {
		return string(t)
	}
	end := longestText
	for end > longestText-utf8.UTFMax && !utf8.RuneStart(t[end]) {
		end--
	}
	return string(t[:end])
}

// elements is a list; anything else, or an element of another type, is as good as none.
type elements[T any] []T

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *elements[T]) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*e = nil
	value, err := from.ReadValue()
	if err != nil {
		return err
	}
	var read []T
	if json.Unmarshal(value, &read, from.Options()) == nil {
		*e = read
	}
	return nil
}

// number is a number, or a boolean as 1 or 0.
type number source.Number

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (n *number) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*n = number{}
	kind := from.PeekKind()
	if kind != jsontext.KindNumber {
		n.Known = kind == jsontext.KindTrue || kind == jsontext.KindFalse
		if kind == jsontext.KindTrue {
			n.Value = 1
		}
		return from.SkipValue()
	}
	token, err := from.ReadToken()
	if err != nil {
		return err
	}
	if value, err := token.Float(); err == nil {
		*n = number{value, true}
	}
	return nil
}

// list decodes the elements of a page. Those beyond its size are counted only, so
// that a response that is small on the wire stays small in memory.
type list[T any] struct {
	elements []T // those that are null are zero
	count    int
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *list[T]) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*l = list[T]{}
	if from.PeekKind() == jsontext.KindNull {
		return from.SkipValue()
	}
	if from.PeekKind() != jsontext.KindBeginArray {
		return errNotTheAPI
	}
	if _, err := from.ReadToken(); err != nil {
		return err
	}
	for ; from.PeekKind() != jsontext.KindEndArray; l.count++ {
		if l.count >= source.PageSize {
			if err := from.SkipValue(); err != nil {
				return err
			}
			continue
		}
		var element T
		if err := json.UnmarshalDecode(from, &element); err != nil {
			return err
		}
		l.elements = append(l.elements, element)
	}
	_, err := from.ReadToken()
	return err
}
