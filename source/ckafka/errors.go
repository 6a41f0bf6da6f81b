package ckafka

import (
	"context"
	"errors"
	"strings"

	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// classify turns any error of one SDK call, made with ctx, into a *source.Error. The
// SDK wraps those of the transport, and quotes the body in its own.
func classify(ctx context.Context, err error) *source.Error {
	if own, ok := errors.AsType[*source.Error](err); ok {
		return own
	}
	if sdk, ok := errors.AsType[*tcerr.TencentCloudSDKError](err); ok && sdk.Code == "ClientError.ParseJsonError" {
		return errNotTheAPI
	}
	return networkError(ctx, err, "")
}

// networkError describes a call that got no complete response from a peer, which is
// empty if there was no connection.
func networkError(ctx context.Context, err error, peer string) *source.Error {
	own, ok := errors.AsType[*source.Error](err)
	switch {
	case ok && errors.Is(context.Cause(ctx), own): // the failure of another page
		err = ctx.Err()
	case ok: // of the proxy
		return own
	}
	failure := source.NoResponse(ctx, err, describe(err))
	failure.Advice = networkAdvice(err)
	if failure.Class == source.Timeout && peer != "" {
		failure.Message += ", from " + peer
	}
	return failure
}

// apiError returns the error that the API answered with.
func apiError(code, message, requestID string) *source.Error {
	failure := &source.Error{
		Class:     classOf(code),
		Code:      logging.Clean(code),
		Message:   logging.Clean(message),
		RequestID: logging.Clean(requestID),
		NotFound:  saysNotFound(code),
	}
	switch code {
	case signatureExpired:
		failure.Advice = clockAdvice
	case "AuthFailure.SignatureFailure":
		failure.Advice = signatureAdvice
	}
	return failure
}

// mayBeOfConnection reports whether another connection might heal a failure: the one in
// use may lead to a node that is ill, or be one that a NAT gateway has forgotten, with
// all others. A call that was canceled because another page had failed says nothing.
func mayBeOfConnection(failure *source.Error) bool {
	if failure.Canceled() {
		return false
	}
	switch failure.Class {
	case source.Network, source.Timeout, source.Server, source.Decode:
		return true
	case source.Throttled, source.Auth, source.Permission, source.Parameter:
	}
	return false
}

// refusesCredential reports whether the API might accept another credential. If the
// clock is off, it refuses all of them.
func refusesCredential(failure *source.Error) bool {
	return failure.Class == source.Auth && failure.Code != signatureExpired
}

// signatureExpired is the code for a call whose time differs too much from the
// API's.
const signatureExpired = "AuthFailure.SignatureExpire"

// classOf maps the API's error codes to classes. A code is a family, or a family
// and a detail, separated by a dot: "InvalidParameterValue.RegionNotExist".
func classOf(code string) source.Class {
	if code == "AuthFailure.UnauthorizedOperation" {
		return source.Permission
	}
	family, _, _ := strings.Cut(code, ".")
	switch family {
	case "RequestLimitExceeded", "LimitExceeded":
		return source.Throttled
	case "AuthFailure":
		return source.Auth
	case "UnauthorizedOperation", "OperationDenied":
		return source.Permission
	case "InvalidParameter", "InvalidParameterValue", "ResourceNotFound", "MissingParameter", "UnknownParameter", "UnsupportedRegion",
		"UnsupportedOperation", "UnsupportedProtocol", "InvalidAction", "NoSuchVersion", "NoSuchProduct", "InvalidRequest":
		return source.Parameter
	default:
		return source.Server
	}
}

// saysNotFound reports whether the API may mean by a code that a consumer group does not
// exist. None is documented for that.
func saysNotFound(code string) bool {
	switch family, _, _ := strings.Cut(code, "."); family {
	case "ResourceNotFound", "InvalidParameter", "InvalidParameterValue":
		return true
	}
	return false
}
