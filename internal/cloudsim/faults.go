package cloudsim

import "time"

// Error responds with an API error, such as InternalError.
func Error(code, message string) Fault {
	return func(a *Answer) { a.Code, a.Message = code, message }
}

// HTTPStatus responds like a gateway in front of the API that cannot reach it.
func HTTPStatus(status int, body string) Fault {
	return func(a *Answer) {
		a.Status, a.ContentType, a.Body = status, "text/html; charset=utf-8", []byte(body)
	}
}

// RawBody responds with status 200 and a body that need not be JSON.
func RawBody(contentType, body string) Fault {
	return func(a *Answer) { a.ContentType, a.Body = contentType, []byte(body) }
}

// Delay waits before the response, in addition to Options.Latency.
func Delay(d time.Duration) Fault {
	return func(a *Answer) { a.HeaderDelay += d }
}

// SlowBody waits in the middle of the body.
func SlowBody(d time.Duration) Fault {
	return func(a *Answer) { a.BodyDelay = d }
}

// Hang leaves the client without a response until it gives up.
func Hang() Fault {
	return func(a *Answer) { a.Hang = true }
}

// Reset resets the TCP connection instead of responding.
func Reset() Fault {
	return func(a *Answer) { a.Reset = true }
}

// Truncated closes the connection after n bytes of the body, although the full
// length was declared. It requires n > 0.
func Truncated(n int) Fault {
	return func(a *Answer) { a.Truncate = n }
}

// Endless responds with about that many bytes, which look like a listing but are
// not a complete one.
func Endless(bytes int64) Fault {
	return func(a *Answer) { a.Endless = bytes }
}

// TotalCount claims v, of any type, as the number of items; nil is sent as null.
func TotalCount(v any) Fault {
	return func(a *Answer) { a.TotalCount = v }
}

// Shifted sends the page that starts by items later in the listing than requested,
// or earlier if by is negative. That is what a client sees if items are deleted or
// added between two pages.
func Shifted(by int) Fault {
	return func(a *Answer) { a.Items = pageOf(a.All, a.Call.Offset+by, a.Call.Limit) }
}

// FirstPageAgain sends the first page whatever the requested offset is, and claims
// that there are that many items.
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

// Chain applies faults one after the other, skipping nil ones.
func Chain(faults ...Fault) Fault {
	return func(a *Answer) {
		for _, fault := range faults {
			if fault != nil {
				fault(a)
			}
		}
	}
}
