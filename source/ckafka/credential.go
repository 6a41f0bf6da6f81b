package ckafka

import (
	"errors"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// newRenewer returns the renewer of an account's credential, for all its regions.
func (a *API) newRenewer(account Account) *credential.Renewer {
	options := account.Credential
	options.API = account.Endpoint
	return credential.New(options, credential.Host{
		Transport: limited{a.pool},
		Now:       a.options.Now,
		Log:       a.options.Log.With("account", account.Name),
		Passing:   func(err error) bool { return callError(err).Retryable() },
		OnCall: func(call credential.Call) {
			var failure *source.Error
			if call.Err != nil {
				failure = callError(call.Err)
				if mayBeOfConnection(failure) {
					a.pool.closeIdle()
				}
			}
			a.options.OnCall(source.CallReport{
				Target:   source.Target{Account: account.Name, Action: source.Action(call.Action)},
				Code:     failure.CallCode(),
				Duration: call.Duration,
			})
		},
	})
}

// callError returns the failure of one call for a credential.
func callError(err error) *source.Error {
	if api, ok := errors.AsType[*credential.APIError](err); ok {
		failure := apiError(api.Code, api.Message, api.RequestID)
		failure.Class = stsClassOf(api.Code)
		return failure
	}
	if own, ok := errors.AsType[*source.Error](err); ok {
		failure := *own
		return &failure
	}
	return &source.Error{Class: source.Decode, Message: err.Error()}
}

// stsClassOf is classOf for a code of STS.
func stsClassOf(code string) source.Class {
	switch code {
	case "InvalidParameter.OverLimit": // of calls
		return source.Throttled
	case "InternalError.GetRoleError", "InternalError.IllegalRole", "ResourceNotFound.RoleNotFound",
		"InvalidParameter.AccountNotAvaliable", "InvalidParameter.WebIdentityTokenError":
		return source.Auth
	}
	class := classOf(code)
	if class == source.Permission { // it is the role that lacks it, not the policy for CKafka
		return source.Auth
	}
	return class
}

// noCredential returns the failure of a call that was not made because there was no
// credential to sign it with. It is final: calls to STS have been tried again already.
func noCredential(err error) *source.Error {
	failure := &source.Error{Class: source.Auth, Message: err.Error(), Advice: noCredentialAdvice}
	sts, fromSTS := errors.AsType[*credential.STSError](err)
	switch {
	case errors.Is(err, credential.ErrExpired):
		failure.Advice = clockAdvice
	case errors.Is(err, credential.ErrPending):
		failure.Class, failure.Advice = source.Timeout, source.Remedy{}
	case fromSTS:
		failure = callError(sts.Err)
		failure.Message = sts.Doing + ": " + failure.Message
		failure.Advice = stsAdvice(failure, sts.Pod)
	}
	failure.Message, failure.Final = logging.Clean(failure.Message), true
	return failure
}

// signer makes the SDK sign each call with the credential that is valid at that
// time.
type signer struct{ *credential.Renewer }

// GetCredential returns the current credential, all parts from the same one.
func (s signer) GetCredential() (id, key, token string) {
	held := s.Current()
	return held.ID.Reveal(), held.Key.Reveal(), held.Token.Reveal()
}

// GetSecretId returns the current SecretId.
func (s signer) GetSecretId() string { //nolint:revive // the SDK's name
	return s.Current().ID.Reveal()
}

// GetSecretKey returns the current SecretKey.
func (s signer) GetSecretKey() string { return s.Current().Key.Reveal() }

// GetToken returns the current token.
func (s signer) GetToken() string { return s.Current().Token.Reveal() }
