package ckafka_test

import (
	"net/http"
	"testing"

	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// set is a set of sources that lists accounts.
type set struct {
	*source.Set
	api *ckafka.API
}

// open returns the set of the accounts, over a transport.
func open(t *testing.T, accounts []ckafka.Account, transport http.RoundTripper, options source.Options) set {
	t.Helper()
	api := ckafka.New(transport, ckafka.Options{Now: options.Now, Log: options.Log, OnCall: options.OnCall})
	t.Cleanup(api.Close)
	sources := source.Open(api.Listers(accounts), options)
	t.Cleanup(sources.Close)
	return set{sources, api}
}

// Reload replaces the accounts.
func (s set) Reload(accounts []ckafka.Account) { s.Set.Reload(s.api.Listers(accounts)) }
