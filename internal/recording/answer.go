package recording

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// enumerations are the fields whose texts are the API's own, and the form of these
// texts. A text of another form is replaced, too.
var enumerations = map[string]*regexp.Regexp{
	"Type": kindForm, "TaskType": kindForm,
	"TaskCurrentStep": stepForm, "CurrentStep": stepForm, "StepList": stepForm,
	"Code": regexp.MustCompile(`^[A-Z][A-Za-z]{0,31}(\.[A-Z][A-Za-z]{0,31})?$`),
}

var (
	kindForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,15}(_[A-Z0-9]{1,15}){0,2}$`) // MYSQL, TDSQL_C_MYSQL
	stepForm = regexp.MustCompile(`^[A-Z][A-Za-z]{0,31}$`)                       // CheckResource, FINISH
	nameForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,47}$`)                    // of the API's fields
)

// numbers are the fields whose numbers are kept. Others may be a port, a user's
// number or a password.
var numbers = []string{"TotalCount", "Status", "TaskProgress", "DatahubTaskCount", "TaskMax"}

// ends are the fields of an XxxParam object that are kept, as stand-ins: they show
// which task belongs to which connection. The other fields are addresses, users and
// passwords.
var ends = []string{"Resource", "ResourceName", "Topic"}

// errNotJSON says nothing about the response, which may be anything.
var errNotJSON = errors.New("the answer is not JSON, so nothing of it can be told apart; it is left out")

// answer returns an API response in a form that others may read.
func (s standIns) answer(body []byte) ([]byte, error) {
	lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	var out bytes.Buffer
	copying := copying{
		standIns: s,
		in:       jsontext.NewDecoder(bytes.NewReader(body), lenient...),
		out:      jsontext.NewEncoder(&out, append(lenient, jsontext.WithIndent("  "))...),
	}
	if err := copying.value(place{}); err != nil {
		return nil, errNotJSON
	}
	if _, err := copying.in.ReadToken(); !errors.Is(err, io.EOF) { // something follows
		return nil, errNotJSON
	}
	return out.Bytes(), nil
}

// copying copies one JSON text.
type copying struct {
	standIns standIns
	in       *jsontext.Decoder
	out      *jsontext.Encoder
}

// A place is where a value is in the text.
type place struct {
	field string // the nearest name above it
	ends  bool   // inside an XxxParam object
}

// value copies the next value.
func (c copying) value(at place) error {
	kind := c.in.PeekKind()
	if kind == '{' {
		return c.object(at)
	}
	if kind == '[' {
		return c.array(at)
	}
	if kind == '"' {
		token, err := c.in.ReadToken()
		if err != nil {
			return err
		}
		return c.text(at, token.String())
	}
	value, err := c.in.ReadValue()
	if err != nil {
		return err
	}
	if value.Kind() == '0' && (at.ends || !slices.Contains(numbers, at.field)) {
		value = jsontext.Value("0")
	}
	return c.out.WriteValue(value)
}

func (c copying) text(at place, text string) error {
	form := enumerations[at.field]
	if at.ends || form == nil || !form.MatchString(text) {
		text = c.standIns.of(text)
	}
	return c.out.WriteToken(jsontext.String(text))
}

func (c copying) array(at place) error {
	return c.bracketed(func() error { return c.value(at) }, ']')
}

func (c copying) object(at place) error {
	return c.bracketed(func() error {
		token, err := c.in.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		shown := name
		if !nameForm.MatchString(name) {
			shown = c.standIns.of(name)
		}
		if err := c.out.WriteToken(jsontext.String(shown)); err != nil {
			return err
		}
		if at.ends && !slices.Contains(ends, name) {
			if err := c.in.SkipValue(); err != nil {
				return err
			}
			return c.out.WriteToken(jsontext.Null)
		}
		return c.value(place{field: name, ends: at.ends || strings.HasSuffix(name, "Param")})
	}, '}')
}

// bracketed copies what is between two brackets, element by element.
func (c copying) bracketed(element func() error, end jsontext.Kind) error {
	token, err := c.in.ReadToken()
	if err != nil {
		return err
	}
	if err := c.out.WriteToken(token); err != nil {
		return err
	}
	for kind := c.in.PeekKind(); kind != end; kind = c.in.PeekKind() {
		if kind == 0 { // the text ends, or is not JSON
			_, err := c.in.ReadToken()
			return errors.Join(errNotJSON, err)
		}
		if err := element(); err != nil {
			return err
		}
	}
	if token, err = c.in.ReadToken(); err != nil {
		return err
	}
	return c.out.WriteToken(token)
}
