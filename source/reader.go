package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A reader reads a body value by value, each into its place. Places are the types
// below and the structs of fields.go; a value without a place is skipped without
// being unescaped or kept. That is several times as fast as filling structs by
// reflection, because almost all of a page is skipped.
type reader struct {
	*jsontext.Decoder
	body []byte
}

// The types of places. A text refers to the body, so it is valid as long as the
// body is.
type (
	// text is a string. One that is only shown is empty if the API sent another
	// type than documented: that must not cost us the listing.
	text []byte
	// word is a string that every item needs. Another type is an error.
	word text
	// whole is an integer; there is false if it was null. Another type is an error.
	whole struct {
		value int64
		there bool
	}
	// amount is a number that is only shown.
	amount struct {
		value float64
		there bool
	}
)

// fields has places for the fields of an object.
type fields interface {
	// place returns a pointer to where the value of a field belongs, nil if it has
	// no place.
	place(name []byte) any
}

// optional are fields that are only shown: a value that is not an object is
// skipped.
type optional interface {
	fields
	optional()
}

// elements has a place for the elements of an array.
type elements interface {
	opened() // called before the first read
	// read reads the next element, which is one value.
	read(from *reader) error
}

// errType means that a value that every listing needs is of another type than
// documented.
var errType = errors.New("another type than documented")

// parse reads a body that is one object.
func parse(body []byte, into fields) error {
	// As lenient as the SDK was: the last of duplicate names counts, and invalid
	// UTF-8 is replaced.
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	from := &reader{decoder, body}
	if err := from.object(into); err != nil {
		return err
	}
	if _, err := from.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("behind the answer: %w", errType)
	}
	return nil
}

// object reads an object.
func (r *reader) object(into fields) error {
	if r.PeekKind() != '{' {
		return r.mistyped()
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	if whole, ok := into.(interface{ opened() }); ok {
		whole.opened()
	}
	for r.PeekKind() != '}' {
		name, err := r.text()
		if err != nil {
			return err
		}
		if err := r.value(into.place(name)); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// array reads an array.
func (r *reader) array(into elements) error {
	if r.PeekKind() != '[' {
		return r.mistyped()
	}
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	into.opened()
	for r.PeekKind() != ']' {
		if err := into.read(r); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// mistyped skips null. Anything else is an error.
func (r *reader) mistyped() error {
	if r.PeekKind() != 'n' {
		return errType
	}
	return r.SkipValue()
}

// value reads the next value into its place.
func (r *reader) value(place any) (err error) {
	switch place := place.(type) {
	case nil:
		return r.SkipValue()
	case *text:
		*place = nil
		if r.PeekKind() != '"' {
			return r.SkipValue()
		}
		*place, err = r.text()
	case *word:
		*place = nil
		if r.PeekKind() != '"' {
			return r.mistyped()
		}
		*(*text)(place), err = r.text()
	case *whole:
		return r.whole(place)
	case *amount:
		return r.amount(place)
	case optional:
		if r.PeekKind() != '{' {
			return r.SkipValue()
		}
		return r.object(place)
	case fields:
		return r.object(place)
	case elements:
		return r.array(place)
	}
	return err
}

// text reads a string. It is a part of the body unless it contains an escape or
// invalid UTF-8.
func (r *reader) text() (text, error) {
	quoted, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	end := r.InputOffset()
	verbatim := r.body[end-int64(len(quoted))+1 : end-1]
	if isPlain(verbatim) {
		return verbatim, nil
	}
	// The error is about invalid UTF-8, which is replaced.
	unquoted, _ := jsontext.AppendUnquote(nil, quoted)
	return unquoted, nil
}

// isPlain reports whether a quoted string has no escapes and is valid UTF-8.
func isPlain(quoted []byte) bool {
	for i, character := range quoted {
		if character == '\\' {
			return false
		}
		if character >= utf8.RuneSelf {
			return bytes.IndexByte(quoted[i:], '\\') < 0 && utf8.Valid(quoted[i:])
		}
	}
	return true
}

func (r *reader) whole(place *whole) error {
	*place = whole{}
	if r.PeekKind() != '0' {
		return r.mistyped()
	}
	digits, err := r.ReadValue()
	if err != nil {
		return err
	}
	value, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return errType
	}
	*place = whole{value, true}
	return nil
}

func (r *reader) amount(place *amount) error {
	*place = amount{}
	if r.PeekKind() != '0' {
		return r.SkipValue()
	}
	digits, err := r.ReadValue()
	if err != nil {
		return err
	}
	if value, err := strconv.ParseFloat(string(digits), 64); err == nil {
		*place = amount{value, true}
	}
	return nil
}
