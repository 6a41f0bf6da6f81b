package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A reader reads a body value by value as it arrives, each into its place. Places are
// the types below and the structs of fields.go; a value without a place is skipped
// without being unescaped or kept. That is several times as fast as filling structs
// by reflection, because almost all of a page is skipped.
type reader struct {
	jsontext.Decoder
	memory []byte // of the texts that are in use
	values int    // that were read or skipped
}

// usualBody is twice the size of a real page.
const usualBody = 256 << 10

// readers are used again, because of their memory and the decoder's buffer.
var readers = sync.Pool{New: func() any { return new(reader) }}

// put returns the reader to the pool, unless it has read so many bytes that it may
// have become large. It keeps no reference to the body.
func (r *reader) put(size int) {
	if size <= usualBody {
		r.Reset(http.NoBody)
		readers.Put(r)
	}
}

// The types of places. A text is in the memory of the reader, so it is valid until
// that is released.
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
func (r *reader) parse(body io.Reader, into fields) error {
	// As lenient as the SDK was: the last of duplicate names counts, and invalid
	// UTF-8 is replaced.
	r.Reset(body, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	r.memory, r.values = r.memory[:0], 1
	if err := r.object(into); err != nil {
		return err
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("behind the answer: %w", errType)
	}
	return nil
}

// mark returns how much memory is in use, and release frees what has been used
// since.
func (r *reader) mark() int        { return len(r.memory) }
func (r *reader) release(used int) { r.memory = r.memory[:used] }

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
		name, err := r.name()
		if err != nil {
			return err
		}
		place := into.place(name)
		if err := r.count(); err != nil {
			return err
		}
		if err := r.value(place); err != nil {
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
		if err := r.count(); err != nil {
			return err
		}
		if err := into.read(r); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// skip reads the next value, counts the values in it, and keeps nothing.
func (r *reader) skip() error {
	depth := r.StackDepth()
	_, err := r.ReadToken()
	for err == nil && r.StackDepth() > depth {
		var token jsontext.Token
		if token, err = r.ReadToken(); err == nil && r.isValue(token) {
			err = r.count()
		}
	}
	return err
}

// count counts a value. It returns an error if there are too many.
func (r *reader) count() error {
	if r.values++; r.values > maxValues {
		return errTooMany
	}
	return nil
}

// isValue reports whether the token that was read last begins a value: it is
// neither a name nor the end of one.
func (r *reader) isValue(token jsontext.Token) bool {
	if kind := token.Kind(); kind == '}' || kind == ']' {
		return false
	}
	of, length := r.StackIndex(r.StackDepth())
	return of != '{' || length%2 == 0
}

// mistyped skips null. Anything else is an error.
func (r *reader) mistyped() error {
	if r.PeekKind() != 'n' {
		return errType
	}
	return r.skip()
}

// value reads the next value into its place.
func (r *reader) value(place any) (err error) {
	switch place := place.(type) {
	case nil:
		return r.skip()
	case *text:
		*place = nil
		if r.PeekKind() != '"' {
			return r.skip()
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
			return r.skip()
		}
		return r.object(place)
	case fields:
		return r.object(place)
	case elements:
		return r.array(place)
	}
	return err
}

// name reads the name of a field. It is valid until the next read.
func (r *reader) name() ([]byte, error) {
	quoted, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	unquoted, _ := jsontext.AppendUnquote(nil, quoted) // the error is about invalid UTF-8
	return unquoted, nil
}

// text reads a string into memory. Escapes are resolved, and invalid UTF-8 is
// replaced.
func (r *reader) text() (text, error) {
	quoted, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	used := r.mark()
	if verbatim := quoted[1 : len(quoted)-1]; isPlain(verbatim) {
		r.memory = append(r.memory, verbatim...)
	} else {
		r.memory, _ = jsontext.AppendUnquote(r.memory, quoted) // the error is about invalid UTF-8
	}
	return text(r.memory[used:]), nil
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
		return r.skip()
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
