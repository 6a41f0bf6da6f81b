package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"datahub_exporter/internal/logging"
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

	cause error
	// final marks a server error that a retry does not help.
	final bool
	// unsigned marks a call that was not made because there was no credential.
	unsigned bool
	// proxied marks an error that comes from a proxy, not from the API.
	proxied bool
}

// Error returns the class, the code and the message in one line.
func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %s", e.Class, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Class, e.Code, e.Message)
}

// Unwrap returns the original error of a network fault, or nil. It is only for
// errors.Is and errors.As: its text may quote what a peer sent.
func (e *Error) Unwrap() error { return e.cause }

// refusesCredential reports whether the API might accept another credential. If the
// clock is off, it refuses all of them.
func (e *Error) refusesCredential() bool {
	return e.Class == Auth && e.Code != signatureExpired
}

// classify turns any error of one SDK call, made with ctx, into an *Error. The SDK
// wraps those of the transport, and quotes the body in its own.
func classify(ctx context.Context, err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if sdk, ok := errors.AsType[*tcerr.TencentCloudSDKError](err); ok && sdk.Code == "ClientError.ParseJsonError" {
		return errNotTheAPI
	}
	return networkError(ctx, err)
}

// apiError returns the error that the API answered with.
func apiError(code, message, requestID string) *Error {
	return &Error{
		Class:     classOf(code),
		Code:      logging.Clean(code),
		Message:   logging.Clean(message),
		RequestID: logging.Clean(requestID),
	}
}

// networkError describes a call that got no complete response. Only the deadline of
// ctx is a Timeout: a name server, a proxy or a handshake that takes too long leaves
// time for another try.
func networkError(ctx context.Context, err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok { // of the proxy
		return own
	}
	if expired(ctx) {
		return &Error{Class: Timeout, Message: "no whole answer before the deadline of the refresh", cause: err}
	}
	return &Error{Class: Network, Message: describe(err), cause: err}
}

// expired reports whether the deadline of ctx has passed. A connection has its own
// timer for it, which may fire before ctx ends.
func expired(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline) || errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// signatureExpired is the code for a call whose time differs too much from the
// API's.
const signatureExpired = "AuthFailure.SignatureExpire"

// classOf maps the API's error codes to classes. A code is a family, or a family
// and a detail, separated by a dot: "InvalidParameterValue.RegionNotExist".
func classOf(code string) Class {
	if code == "AuthFailure.UnauthorizedOperation" {
		return Permission
	}
	family, _, _ := strings.Cut(code, ".")
	switch family {
	case "RequestLimitExceeded", "LimitExceeded":
		return Throttled
	case "AuthFailure":
		return Auth
	case "UnauthorizedOperation", "OperationDenied":
		return Permission
	case "InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter", "UnsupportedRegion",
		"UnsupportedOperation", "UnsupportedProtocol", "InvalidAction", "NoSuchVersion", "NoSuchProduct", "InvalidRequest":
		return Parameter
	default:
		return Server
	}
}
