package cloudsim

import "time"

// Error answers with an error of the API, such as InternalError.
func Error(code, message string) Fault {
	return func(a *Answer) { a.Code, a.Message = code, message }
}

// HTTPStatus answers as a gateway in front of the API does that cannot reach
// it.
func HTTPStatus(status int, body string) Fault {
	return func(a *Answer) {
		a.Status, a.ContentType, a.Body = status, "text/html; charset=utf-8", []byte(body)
	}
}

// RawBody answers 200 with a body that need not be JSON.
func RawBody(contentType, body string) Fault {
	return func(a *Answer) { a.ContentType, a.Body = contentType, []byte(body) }
}

// Delay waits before the answer, on top of Options.Latency.
func Delay(d time.Duration) Fault {
	return func(a *Answer) { a.HeaderDelay += d }
}

// SlowBody waits in the middle of the body.
func SlowBody(d time.Duration) Fault {
	return func(a *Answer) { a.BodyDelay = d }
}

// Hang leaves the client without an answer until it gives up.
func Hang() Fault {
	return func(a *Answer) { a.Hang = true }
}

// Reset resets the TCP connection instead of an answer.
func Reset() Fault {
	return func(a *Answer) { a.Reset = true }
}

// Truncated ends the connection after n bytes of the body, whose full length
// was declared. It takes n > 0.
func Truncated(n int) Fault {
	return func(a *Answer) { a.Truncate = n }
}

// Endless answers with about so many bytes that look like a listing and are
// none.
func Endless(bytes int64) Fault {
	return func(a *Answer) { a.Endless = bytes }
}

// TotalCount claims v, of any type, as the number of items; nil is sent as
// null.
func TotalCount(v any) Fault {
	return func(a *Answer) { a.TotalCount = v }
}

// Shifted sends the page that starts by items later in the listing than asked,
// or earlier if by is negative: so it looks when items are deleted, or added,
// between two pages.
func Shifted(by int) Fault {
	return func(a *Answer) { a.Items = pageOf(a.All, a.Call.Offset+by, a.Call.Limit) }
}

// FirstPageAgain sends the first page whatever offset was asked for, and claims
// so many items.
func FirstPageAgain(claimed int) Fault {
	return func(a *Answer) {
		a.Items, a.TotalCount = pageOf(a.All, 0, a.Call.Limit), claimed
	}
}

// Edited edits the JSON document before it is encoded; see Answer.Edit.
func Edited(edit func(document map[string]any)) Fault {
	return func(a *Answer) {
		earlier := a.Edit
		a.Edit = func(document map[string]any) {
			if earlier != nil {
				earlier(document)
			}
			edit(document)
		}
	}
}

// Chain applies faults one after the other; nil ones are skipped.
func Chain(faults ...Fault) Fault {
	return func(a *Answer) {
		for _, fault := range faults {
			if fault != nil {
				fault(a)
			}
		}
	}
}
