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

// response hands the body of one response from the SDK to a decoder, whose error is a
// *source.Error. It implements the SDK's Response.
type response struct{ decode func(body []byte) error }

// ParseErrorFromHTTPResponse decodes the body.
func (r *response) ParseErrorFromHTTPResponse(body []byte) error { return r.decode(body) }

// UnmarshalJSON does nothing. The SDK calls it after ParseErrorFromHTTPResponse.
func (r *response) UnmarshalJSON([]byte) error { return nil }

// lenient are the options of decoding. A message that was cut within a character must
// not cost a listing.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// decode returns the Result in a body, or the *source.Error that the body reports, with
// our own secrets redacted.
func decode[T any](body []byte, own secret.Redactor, options ...json.Options) (*T, error) {
	var decoded envelope[T]
	switch err := json.Unmarshal(body, &decoded, append(options, lenient)...); {
	case errors.Is(err, io.ErrUnexpectedEOF) && len(body) > 0:
		return nil, errBrokenOff
	case err != nil:
		return nil, errNotTheAPI
	}
	response := decoded.Response
	switch {
	case response.Error.Code != "":
		return nil, apiError(own.Redact(response.Error.Code), own.Redact(response.Error.Message), own.Redact(response.RequestID))
	case response.Result == nil:
		return nil, errNoResult
	}
	return response.Result, nil
}

// decodePage returns the page in a body.
func decodePage(body []byte, action source.Action, own secret.Redactor) (source.Page, error) {
	result, err := decode[listing](body, own)
	if err != nil {
		return source.Page{}, err
	}
	page := source.Page{Total: math.NaN()}
	if total := result.TotalCount; total != nil {
		page.Total = float64(*total)
	}
	var count int
	if action == source.Tasks {
		page.Items, count = result.Tasks.items(task.item)
	} else {
		page.Items, count = result.Connections.items(connection.item)
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
