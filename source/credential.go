package source

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"datahub_exporter/credential"
	"datahub_exporter/textline"
)

// newRenewer returns what keeps the credential of an account, for all its regions.
// Its calls take a place and are reported as those to the API are.
func newRenewer(account Account, transport http.RoundTripper, options Options) *credential.Renewer {
	of := account.Credential
	of.API = account.Endpoint
	return credential.New(of, credential.Host{
		Exchange: credentialExchange(transport, options.places),
		Now:      options.Now,
		Log:      options.Log.With("account", account.Name),
		OnCall: func(call credential.Call) {
			options.OnCall(CallReport{
				Target:   Target{Account: account.Name, Action: Action(call.Action)},
				Code:     credentialCode(call.Err),
				Duration: call.Duration,
			})
		},
	})
}

// credentialExchange sends what is asked for a credential, with the bounds of a
// call to the API. Its faults leave the idle connections of the others alone.
func credentialExchange(transport http.RoundTripper, places places) credential.Exchange {
	sending := exchange{next: struct{ http.RoundTripper }{transport}}
	return func(request *http.Request) ([]byte, error) {
		leave, err := places.enter(request.Context())
		if err != nil {
			return nil, err
		}
		defer leave()
		ctx, body := withBody(request.Context())
		response, err := sending.RoundTrip(request.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		return *body, response.Body.Close()
	}
}

// credentialCode returns what CallReport.Code documents.
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

// noCredential returns the failure of a call that was not made, because there was
// nothing to sign it with.
func noCredential(err error) *Error {
	failure := &Error{Class: Auth, Message: textline.Clean(err.Error()), unsigned: true}
	if api, ok := errors.AsType[*credential.APIError](err); ok {
		failure.Code, failure.RequestID = api.Code, api.RequestID
		failure.Message = textline.Clean(strings.Replace(err.Error(), api.Error(), api.Message, 1))
	}
	return failure
}

// ready is how a call waits for a credential.
type ready func(context.Context) *Error

// ready waits for a credential to sign a call with. It does so before the call
// takes anything that others need.
func (c *client) ready(ctx context.Context) *Error {
	if _, err := c.renewer.Get(ctx); err != nil {
		return noCredential(err)
	}
	return nil
}

// signer has the SDK sign each call with what is valid when it is made.
type signer struct{ *credential.Renewer }

// GetCredential returns the parts of one credential.
func (s signer) GetCredential() (id, key, token string) {
	held := s.Held()
	return held.ID.Reveal(), held.Key.Reveal(), held.Token.Reveal()
}

// GetSecretId returns one part.
func (s signer) GetSecretId() string { //nolint:revive // the SDK's name
	return s.Held().ID.Reveal()
}

// GetSecretKey returns one part.
func (s signer) GetSecretKey() string { return s.Held().Key.Reveal() }

// GetToken returns one part.
func (s signer) GetToken() string { return s.Held().Token.Reveal() }
