package source

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Class says whose fault a failed call or refresh is, from the point of view of the
// person who has to fix it.
type Class string

// The classes of failure.
const (
	Throttled  Class = "throttled"  // the API's quota was used up
	Auth       Class = "auth"       // the credential or its signature was refused
	Permission Class = "permission" // the credential lacks the policy
	Parameter  Class = "parameter"  // the region or another parameter was refused
	Server     Class = "server"     // the API reported an internal error
	Network    Class = "network"    // no complete response arrived
	Timeout    Class = "timeout"    // no response arrived before the deadline of the refresh
	Decode     Class = "decode"     // the response is not a valid API response
)

// Error is a failed call to the API. It is safe to log: of what a peer sent it
// contains only numbers, and the code, the message and the request ID of an API
// error.
type Error struct {
	Class Class
	// Code is the API's error code, such as "AuthFailure.SecretIdNotFound", or
	// empty if no error envelope arrived.
	Code string
	// Message is one clean line.
	Message string
	// RequestID is the API's ID of the call, or empty if none arrived.
	RequestID string

	// Cause is the original error of a network fault, or nil. It is only for errors.Is
	// and errors.As: its text may quote what a peer sent.
	Cause error
	// Final marks an error that a retry does not help, though its class might.
	Final bool
	// NotFound marks an error by which the API may say that what was asked for does not
	// exist.
	NotFound bool
	// Advice is what to do, if more is known than follows from the class.
	Advice Remedy
}

// Error returns the class, the code and the message in one line.
func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %s", e.Class, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Class, e.Code, e.Message)
}

// Unwrap returns the Cause.
func (e *Error) Unwrap() error { return e.Cause }

// Retryable reports whether the same call may succeed a moment later.
func (e *Error) Retryable() bool {
	return !e.Final && (e.Class == Throttled || e.Class == Network || e.Class == Server)
}

// same reports whether two failures have the same class and code. Their messages
// may differ although nothing has changed: a reset connection names its local port.
func (e *Error) same(other *Error) bool {
	return e.Class == other.Class && e.Code == other.Code
}

// codePattern is the form of the API's error codes, such as
// "InvalidParameterValue.RegionNotExist". No other text from outside becomes a label.
var codePattern = regexp.MustCompile(`^[A-Za-z0-9_.]{1,64}$`)

// Canceled reports whether the call was given up for another reason than its own.
func (e *Error) Canceled() bool { return errors.Is(e.Cause, context.Canceled) }

// CallCode returns what CallReport.Code documents; e may be nil.
func (e *Error) CallCode() string {
	switch {
	case e == nil:
		return "OK"
	case e.Canceled():
		return "canceled"
	case e.Code != "" && !codePattern.MatchString(e.Code):
		return "other"
	case e.Code != "":
		return e.Code
	default:
		return string(e.Class)
	}
}

// NoResponse returns the failure of a call, made with ctx, that got no complete response:
// a Timeout if the deadline of ctx has passed, else a fault of the network, which the
// message describes. A name server, a proxy or a handshake that takes too long leaves
// time for another try.
func NoResponse(ctx context.Context, err error, message string) *Error {
	if expired(ctx) {
		return &Error{Class: Timeout, Message: "no complete answer before the deadline", Cause: err}
	}
	return &Error{Class: Network, Message: message, Cause: err}
}

// classify returns err as an *Error. One that is of another type comes from ctx.
func classify(ctx context.Context, err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	return NoResponse(ctx, err, "call was canceled")
}

// expired reports whether the deadline of ctx has passed. A connection has its own
// timer for it, which may fire before ctx ends.
func expired(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline) || errors.Is(ctx.Err(), context.DeadlineExceeded)
}
