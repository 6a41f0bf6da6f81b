package ckafka

import (
	"errors"
	"strings"

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
		OnCall: func(call credential.Call) {
			a.options.OnCall(source.CallReport{
				Target:   source.Target{Account: account.Name, Action: source.Action(call.Action)},
				Code:     credentialCode(call.Err),
				Duration: call.Duration,
			})
		},
	})
}

// credentialCode returns the CallReport.Code for err, which may be nil.
func credentialCode(err error) string {
	if err == nil {
		return (*source.Error)(nil).CallCode()
	}
	if api, ok := errors.AsType[*credential.APIError](err); ok {
		return (&source.Error{Code: api.Code}).CallCode()
	}
	if own, ok := errors.AsType[*source.Error](err); ok {
		return own.CallCode()
	}
	return string(source.Decode)
}

// noCredential returns the failure of a call that was not made because there was no
// credential to sign it with.
func noCredential(err error) *source.Error {
	failure := &source.Error{Class: source.Auth, Message: logging.Clean(err.Error()), Advice: noCredentialAdvice}
	if api, ok := errors.AsType[*credential.APIError](err); ok {
		failure.Code, failure.RequestID, failure.Advice = api.Code, api.RequestID, roleAdvice
		failure.Message = logging.Clean(strings.Replace(err.Error(), api.Error(), api.Message, 1))
	}
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
