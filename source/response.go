package source

import (
	"fmt"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"datahub_exporter/internal/secret"
)

var (
	errNoResult = &Error{Class: Decode, Message: "answer has no Result"}
	// errNotTheAPI quotes nothing: an error of the JSON library may quote the body,
	// which contains passwords.
	errNotTheAPI = &Error{Class: Decode, Message: "answer is not the JSON that the API documents"}
)

// response receives the body of one response from the SDK. It implements the SDK's
// Response.
type response struct {
	action Action
	own    secret.Redactor   // of secrets that an error may repeat
	keep   func(body []byte) // may be nil

	page page
}

// ParseErrorFromHTTPResponse decodes the page or the error in a body. Its error is an
// *Error.
func (r *response) ParseErrorFromHTTPResponse(body []byte) (err error) {
	if r.keep != nil {
		r.keep(body)
	}
	r.page, err = decode(body, r.action, r.own)
	return err
}

// UnmarshalJSON does nothing. The SDK calls it after ParseErrorFromHTTPResponse.
func (r *response) UnmarshalJSON([]byte) error { return nil }

// lenient are the options of decoding. A message that was cut within a character must
// not cost a listing.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// decode returns the page in a body, or the *Error that the body reports, with our
// own secrets redacted.
func decode(body []byte, action Action, own secret.Redactor) (page, error) {
	var decoded answer
	if err := json.Unmarshal(body, &decoded, lenient); err != nil {
		return page{}, errNotTheAPI
	}
	response := decoded.Response
	switch {
	case response.Error.Code != "":
		return page{}, apiError(own.Redact(response.Error.Code), own.Redact(response.Error.Message), own.Redact(response.RequestID))
	case response.Result == nil:
		return page{}, errNoResult
	}
	read := page{total: math.NaN()}
	if total := response.Result.TotalCount; total != nil {
		read.total = float64(*total)
	}
	var count int
	if action == Tasks {
		read.items, count = response.Result.Tasks.items(task.item)
	} else {
		read.items, count = response.Result.Connections.items(connection.item)
	}
	if count > pageSize {
		return page{}, &Error{Class: Decode, Message: fmt.Sprintf("answer lists %d items, though %d were asked for", count, pageSize)}
	}
	return read, nil
}

// items returns the items of a list, and how many elements it had.
func (l list[T]) items(item func(T) Item) (items []Item, count int) {
	for _, element := range l.elements {
		items = append(items, item(element))
	}
	return items, l.count
}
