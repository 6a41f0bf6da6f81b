package source

import (
	"fmt"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"datahub_exporter/secret"
)

// An answer is what is decoded of a body, in one pass: the listing of either
// action, or the error. What has no field here is skipped without being
// unescaped or kept, the credentials of databases among it.
type answer struct {
	Response *struct {
		Result    *result
		Error     struct{ Code, Message string }
		RequestID string `json:"RequestId"`
	}
}

type result struct {
	TotalCount          *int64
	TaskList            []*task
	ConnectResourceList []*connection
}

// A shape returns the items of a result. It refuses more than were asked for.
type shape func(*result) ([]Item, error)

// shapes say where an action's items are in a result, and what is copied of
// them.
var shapes = map[Action]shape{
	Tasks:       func(r *result) ([]Item, error) { return copied(r.TaskList, (*task).item) },
	Connections: func(r *result) ([]Item, error) { return copied(r.ConnectResourceList, (*connection).item) },
}

// errNoResult is an answer that is neither a listing nor an error.
var errNoResult = &Error{Class: Decode, Message: "answer has no Result"}

// decode returns the page in a body, or the *Error that it is, with our own
// secrets replaced. An error of the JSON library may quote the body, which
// carries passwords, so of that nothing but the fact is kept.
func decode(body []byte, items shape, own secret.Redactor) (page, error) {
	var decoded answer
	// As lenient as the SDK was: of a name given twice the last one counts, and
	// what is not UTF-8 is replaced.
	err := json.Unmarshal(body, &decoded, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	switch response := decoded.Response; {
	case err != nil:
		return page{}, &Error{Class: Decode, Message: "answer is not the JSON that the API documents"}
	case response != nil && response.Error.Code != "":
		return page{}, apiError(own.Redact(response.Error.Code), own.Redact(response.Error.Message), own.Redact(response.RequestID))
	case response == nil || response.Result == nil:
		return page{}, errNoResult
	}
	result := decoded.Response.Result
	listed, err := items(result)
	return page{items: listed, total: number(result.TotalCount, math.NaN())}, err
}

// copied returns the items of a list, each of whose elements may be nil.
func copied[T any](list []*T, item func(*T) Item) ([]Item, error) {
	if len(list) > pageSize {
		return nil, &Error{Class: Decode, Message: fmt.Sprintf("answer lists %d items, though %d were asked for", len(list), pageSize)}
	}
	items := make([]Item, len(list))
	for i, element := range list {
		if element != nil {
			items[i] = item(element)
		}
	}
	return items, nil
}

func number(value *int64, absent float64) float64 {
	if value == nil {
		return absent
	}
	return float64(*value)
}
