package source

import (
	"fmt"
	"math"

	"datahub_exporter/internal/secret"
)

// A shape says where the items of an action are in a response, and what is decoded
// of each.
type shape struct {
	list    string
	element func() element
}

var shapes = map[Action]shape{
	Tasks:       {"TaskList", func() element { return new(task) }},
	Connections: {"ConnectResourceList", func() element { return new(connection) }},
}

// answer has the places for everything that is decoded of a body, in one pass: the
// listing of one action, or the error. Anything else is skipped, including the
// credentials of databases.
type answer struct{ Response response }

func (a *answer) place(name []byte) any {
	if string(name) == "Response" {
		return &a.Response
	}
	return nil
}

type response struct {
	Result    result
	Error     refusal
	RequestID word
}

func (r *response) place(name []byte) any {
	switch string(name) {
	case "Result":
		return &r.Result
	case "Error":
		return &r.Error
	case "RequestId":
		return &r.RequestID
	}
	return nil
}

type refusal struct{ Code, Message word }

func (r *refusal) place(name []byte) any {
	switch string(name) {
	case "Code":
		return &r.Code
	case "Message":
		return &r.Message
	}
	return nil
}

type result struct {
	TotalCount whole
	List       list

	name  string // of the list
	there bool
}

func (r *result) opened() { r.there = true }

func (r *result) place(name []byte) any {
	switch string(name) {
	case "TotalCount":
		return &r.TotalCount
	case r.name:
		return &r.List
	}
	return nil
}

// errNoResult is the error for a response that is neither a listing nor an error.
var errNoResult = &Error{Class: Decode, Message: "answer has no Result"}

// decode returns the page in a body, or the *Error that the body reports, with our
// own secrets redacted. It reuses the items in before, which may be nil, that have
// not changed. An error of the JSON library may quote the body, which contains
// passwords, so only the fact that there was one is kept.
func decode(body *body, shape shape, own secret.Redactor, before []Item) (page, error) {
	decoded := answer{response{Result: result{name: shape.list, List: list{element: shape.element(), before: before}}}}
	response := &decoded.Response
	from := readers.Get().(*reader)
	defer func() { from.put(body.size) }()
	if err := from.parse(body, &decoded); err != nil {
		body.finish()
		if body.mayHaveTooMany() {
			return page{}, errTooMany
		}
		return page{}, &Error{Class: Decode, Message: "answer is not the JSON that the API documents"}
	}
	switch {
	case len(response.Error.Code) > 0:
		return page{}, apiError(own.Redact(string(response.Error.Code)), own.Redact(string(response.Error.Message)), own.Redact(string(response.RequestID)))
	case !response.Result.there:
		return page{}, errNoResult
	}
	list := &response.Result.List
	if list.count > pageSize {
		return page{}, &Error{Class: Decode, Message: fmt.Sprintf("answer lists %d items, though %d were asked for", list.count, pageSize)}
	}
	return page{items: list.items, total: response.Result.TotalCount.or(math.NaN())}, nil
}

// An element is what is decoded of an element of a list.
type element interface {
	fields
	clear()
	// id returns the ID of what was read.
	id() word
	// item returns what was read. It does not refer to the reader's memory.
	item(like like) Item
}

// list reads each element into the same place and makes an item of it.
type list struct {
	element element
	// count is the number of elements, and items are the first of them. An element
	// that is null is an item without an ID.
	count int
	items []Item

	before []Item // of the same page, when it was last decoded
	next   int    // index in before of the next item, if the order is unchanged
	beside *Details
}

func (l *list) opened() {
	l.count, l.items, l.next, l.beside = 0, make([]Item, 0, len(l.before)), 0, new(Details)
}

// read implements elements.
func (l *list) read(from *reader) error {
	l.count++
	if l.count > pageSize { // such a response is rejected
		return from.skip()
	}
	defer from.release(from.mark())
	l.element.clear()
	if err := from.object(l.element); err != nil {
		return err
	}
	item := l.element.item(like{l.asBefore(l.element.id()), l.beside})
	l.items = append(l.items, item)
	if item.Details != nil {
		l.beside = item.Details
	}
	return nil
}

// asBefore returns the previous state of the item, nil if it was not on the page.
// The order seldom changes, so it starts after the previous match.
func (l *list) asBefore(id word) *Item {
	for range l.before {
		item := &l.before[l.next]
		l.next = (l.next + 1) % len(l.before)
		if string(id) == item.ID {
			return item
		}
	}
	return nil
}
