package ckafka

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"datahub_exporter/internal/secret"
	"datahub_exporter/source"
)

var (
	// errBrokenOff is for a body that ends too early without an error of the connection,
	// which is how one without a declared length breaks off.
	errBrokenOff = &source.Error{Class: source.Network, Message: "answer broke off"}
	errNoResult  = &source.Error{Class: source.Decode, Message: "answer has no Result"}
	// errNotTheAPI quotes nothing: an error of the JSON library may quote the body,
	// which contains passwords.
	errNotTheAPI = &source.Error{Class: source.Decode, Message: "answer is not the JSON that the API documents"}
)

// response receives the body of one response from the SDK. It implements the SDK's
// Response.
type response struct {
	action source.Action
	own    secret.Redactor   // of secrets that an error may repeat
	onBody func(body []byte) // may be nil

	page source.Page
}

// ParseErrorFromHTTPResponse decodes the page or the error in a body. Its error is an
// *source.Error.
func (r *response) ParseErrorFromHTTPResponse(body []byte) (err error) {
	if r.onBody != nil {
		r.onBody(body)
	}
	r.page, err = decode(body, r.action, r.own)
	return err
}

// UnmarshalJSON does nothing. The SDK calls it after ParseErrorFromHTTPResponse.
func (r *response) UnmarshalJSON([]byte) error { return nil }

// lenient are the options of decoding. A message that was cut within a character must
// not cost a listing.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// decode returns the page in a body, or the *source.Error that the body reports, with our
// own secrets redacted.
func decode(body []byte, action source.Action, own secret.Redactor) (source.Page, error) {
	var decoded envelope
	switch err := json.Unmarshal(body, &decoded, lenient); {
	case errors.Is(err, io.ErrUnexpectedEOF) && len(body) > 0:
		return source.Page{}, errBrokenOff
	case err != nil:
		return source.Page{}, errNotTheAPI
	}
	response := decoded.Response
	switch {
	case response.Error.Code != "":
		return source.Page{}, apiError(own.Redact(response.Error.Code), own.Redact(response.Error.Message), own.Redact(response.RequestID))
	case response.Result == nil:
		return source.Page{}, errNoResult
	}
	page := source.Page{Total: math.NaN()}
	if total := response.Result.TotalCount; total != nil {
		page.Total = float64(*total)
	}
	var count int
	if action == source.Tasks {
		page.Items, count = response.Result.Tasks.items(task.item)
	} else {
		page.Items, count = response.Result.Connections.items(connection.item)
	}
	if count > source.PageSize {
		return source.Page{}, &source.Error{Class: source.Decode, Message: fmt.Sprintf("answer lists %d items, though %d were asked for", count, source.PageSize)}
	}
	return page, nil
}

// items returns the items of a list, and how many elements it had.
func (l list[T]) items(item func(T) source.Item) (items []source.Item, count int) {
	for _, element := range l.elements {
		items = append(items, item(element))
	}
	return items, l.count
}
