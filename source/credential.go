package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/logging"
)

// newRenewer returns the renewer of an account's credential, for all its regions.
// Its calls take a place and are reported like those to the API.
func newRenewer(account Account, transport http.RoundTripper, options Options) *credential.Renewer {
	of := account.Credential
	of.API = account.Endpoint
	return credential.New(of, credential.Host{
		Transport: credentialTransport{exchange{next: struct{ http.RoundTripper }{transport}}, options.places},
		Now:       options.Now,
		Log:       options.Log.With("account", account.Name),
		OnCall: func(call credential.Call) {
			options.OnCall(CallReport{
				Target:   Target{Account: account.Name, Action: Action(call.Action)},
				Code:     credentialCode(call.Err),
				Duration: call.Duration,
			})
		},
	})
}

// credentialTransport sends the calls for a credential, with the same limits as
// calls to the API. Their failures do not drop the idle connections of others.
type credentialTransport struct {
	next   exchange
	places places
}

// RoundTrip sends the request.
func (c credentialTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	leave, err := c.places.enter(request.Context())
	if err != nil {
		return nil, err
	}
	defer leave()
	var answer []byte
	var refused error
	ctx := withReceiver(request.Context(), func(body *body) {
		answer, _ = io.ReadAll(body) // RoundTrip returns the error
		if body.mayHaveTooMany() {
			refused = errTooMany
		}
	})
	response, err := c.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	return response, nil
}

// credentialCode returns the CallReport.Code for err, which may be nil.
func credentialCode(err error) string {
	if err == nil {
		return (*Error)(nil).code()
	}
	if api, ok := errors.AsType[*credential.APIError](err); ok {
		return (&Error{Code: api.Code}).code()
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own.code()
	}
	return string(Decode)
}

// noCredential returns the failure of a call that was not made because there was no
// credential to sign it with.
func noCredential(err error) *Error {
	failure := &Error{Class: Auth, Message: logging.Clean(err.Error()), unsigned: true}
	if api, ok := errors.AsType[*credential.APIError](err); ok {
		failure.Code, failure.RequestID = api.Code, api.RequestID
		failure.Message = logging.Clean(strings.Replace(err.Error(), api.Error(), api.Message, 1))
	}
	return failure
}

// ready is a function that waits for a credential.
type ready func(context.Context) *Error

// ready waits for a credential to sign a call with. It runs before the call takes
// anything that others need.
func (c *client) ready(ctx context.Context) *Error {
	if _, err := c.renewer.Get(ctx); err != nil {
		return noCredential(err)
	}
	return nil
}

// signer makes the SDK sign each call with the credential that is valid at that
// time.
type signer struct{ *credential.Renewer }

// GetCredential returns the current credential, all parts from the same one.
func (s signer) GetCredential() (id, key, token string) {
	held := s.Held()
	return held.ID.Reveal(), held.Key.Reveal(), held.Token.Reveal()
}

// GetSecretId returns the current SecretId.
func (s signer) GetSecretId() string { //nolint:revive // the SDK's name
	return s.Held().ID.Reveal()
}

// GetSecretKey returns the current SecretKey.
func (s signer) GetSecretKey() string { return s.Held().Key.Reveal() }

// GetToken returns the current token.
func (s signer) GetToken() string { return s.Held().Token.Reveal() }
