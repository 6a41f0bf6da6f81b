package cloudsim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Fault edits an answer before it is sent. It may run for several calls
// concurrently.
type Fault func(*Answer)

// Answer is the response that a call is about to get. A [Fault] edits it. What is
// sent depends on the first of these fields that is set: Hang, Reset, Endless,
// Body, Code; without any it is the page.
type Answer struct {
	// Call is the call that gets the response.
	Call Call
	// SecretID is that of the credential that signed the call, "" for none.
	SecretID string

	// HeaderDelay is the delay before anything is sent; it already includes
	// Options.Latency.
	HeaderDelay time.Duration
	// Hang sends nothing until the client gives up or the request's context ends.
	Hang bool
	// Reset sends nothing and resets the TCP connection.
	Reset bool
	// Endless, if not 0, streams about that many bytes of a JSON document that
	// never becomes complete.
	Endless int64
	// Status is the HTTP status, by default 200, also for API errors.
	Status int
	// ContentType is application/json by default.
	ContentType string
	// BodyDelay is a delay in the middle of the body.
	BodyDelay time.Duration
	// Truncate, if not 0, sends only that many bytes of the body, with its full
	// Content-Length, and then closes the connection.
	Truncate int

	// Body, unless nil, is sent verbatim instead of a JSON document.
	Body []byte
	// Code and Message are the error to send, unless Code is "".
	Code, Message string
	// All is the whole listing, Items the page to send.
	All, Items []Item
	// TotalCount is sent as it is; the default is the length of All.
	TotalCount any
	// Edit, unless nil, edits the JSON document before it is encoded:
	// {"Response": {"Result": …}}, made of map[string]any and []any.
	Edit func(document map[string]any)

	requestID string
	result    map[string]any // of a call that lists no items
	session   *session       // the one that is handed out
	plain     []byte         // the response of the metadata service
}

func newAnswer(number int, q *request, refused *refusal, latency time.Duration) *Answer {
	answer := &Answer{
		Call: q.call, HeaderDelay: latency, Status: http.StatusOK, ContentType: "application/json",
		requestID: fmt.Sprintf("c10dc0de-0000-4000-8000-%012x", number),
		SecretID:  q.authorization.secretID,
	}
	if refused != nil {
		answer.Code, answer.Message = refused.code, refused.message
		return answer
	}
	if q.status != 0 {
		answer.Status = q.status
	}
	answer.session, answer.plain, answer.result = q.session, q.plain, q.result
	answer.All = slices.Clone(q.listing)
	answer.Items = pageOf(answer.All, q.call.Offset, q.call.Limit)
	answer.TotalCount = len(answer.All)
	return answer
}

// outcome returns the Call.Code for the answer.
func (a *Answer) outcome() string {
	switch {
	case a.Hang:
		return "hang"
	case a.Reset:
		return "reset"
	case a.Endless > 0:
		return "endless"
	case a.Truncate > 0:
		return "truncated"
	case a.Status != http.StatusOK:
		return "http " + strconv.Itoa(a.Status)
	case a.Body != nil:
		return "raw body"
	}
	return a.Code
}

// send sends the answer, after the faults have edited it. If the client is gone or
// is to get no response, it aborts the handler as net/http provides for, which logs
// nothing.
func (a *Answer) send(ctx context.Context, w http.ResponseWriter) {
	wait(ctx, a.HeaderDelay)
	switch {
	case a.Hang:
		<-ctx.Done()
		panic(http.ErrAbortHandler)
	case a.Reset:
		reset(w)
	case a.Endless > 0:
		a.stream(w)
	default:
		a.write(ctx, w)
	}
}

func (a *Answer) write(ctx context.Context, w http.ResponseWriter) {
	body, err := a.encode()
	if err != nil {
		http.Error(w, "cloudsim: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", a.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.Status)
	if a.Truncate > 0 {
		// net/http closes a connection whose handler wrote less than it
		// declared.
		body = body[:min(a.Truncate, len(body))]
	}
	if a.BodyDelay > 0 {
		half := len(body) / 2
		_, _ = w.Write(body[:half])
		_ = http.NewResponseController(w).Flush()
		wait(ctx, a.BodyDelay)
		body = body[half:]
	}
	_, _ = w.Write(body) // the client may be gone
}

// encode returns the body: verbatim, or an envelope with an error or a page.
func (a *Answer) encode() ([]byte, error) {
	if a.Body != nil {
		return a.Body, nil
	}
	if a.Call.Action == MachineRole && a.Code == "" {
		return a.plain, nil
	}
	response := map[string]any{"RequestId": a.requestID}
	switch {
	case a.Code != "":
		response["Error"] = map[string]any{"Code": a.Code, "Message": a.Message}
	case a.session != nil:
		maps.Copy(response, a.session.wire())
	case a.result != nil:
		response["Result"] = a.result
	default:
		response["Result"] = result(a.Call.Action, a.TotalCount, a.Items)
	}
	document := map[string]any{"Response": response}
	if a.Edit != nil {
		a.Edit(document)
	}
	body, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return body, nil
}

// stream sends the start of a listing and then one small element over and over. The
// response is chunked because no length is declared.
func (a *Answer) stream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.ContentType)
	w.WriteHeader(a.Status)
	sent, err := w.Write([]byte(`{"Response":{"Result":{"TotalCount":1,"` + wireLists[a.Call.Action].list + `":[`))
	filler := []byte(`{"TaskId":"task-filler","ResourceId":"resource-filler","Status":1},`)
	for left := a.Endless - int64(sent); left > 0 && err == nil; left -= int64(len(filler)) {
		_, err = w.Write(filler)
	}
}

// wait returns after d. It aborts the handler if the client gives up first.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	}
}

// reset closes the connection so that the client sees a TCP RST instead of an
// orderly end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secured.NetConn()
	}
	if plain, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = plain.SetLinger(0)
	}
	_ = conn.Close()
}
