package ckafka

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
)

// Options are the same for all accounts.
type Options struct {
	// Now is the clock by which credentials expire; nil means time.Now.
	Now func() time.Time
	// Log gets a line for a credential that could not be renewed; nil discards the
	// lines.
	Log *slog.Logger
	// OnCall, if set, is called after each call for a credential. It is called
	// concurrently and must not block.
	OnCall func(source.CallReport)
	// OnAnswer, if set, is called with the body of each response with status 200, the
	// page at an offset. The body may contain passwords of databases. It is called
	// concurrently.
	OnAnswer func(target source.Target, offset int64, body []byte)
}

// API is the cloud's API for a number of accounts. It is safe for concurrent use.
type API struct {
	transport http.RoundTripper
	options   Options

	mu       sync.Mutex
	accounts map[string]renewed // by name
	// retired are those that no account needs any more. A refresh in flight may still
	// use one, so they are closed with the others; until then an idle one costs nothing.
	retired []*credential.Renewer
}

// renewed is the credential of an account, and what it was opened for.
type renewed struct {
	*credential.Renewer
	credential credential.Options
	endpoint   endpoint.Endpoint
}

// New returns an API whose calls go over a transport. The caller must call Close.
func New(transport http.RoundTripper, options Options) *API {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.OnCall == nil {
		options.OnCall = func(source.CallReport) {}
	}
	return &API{transport: transport, options: options}
}

// Listers returns the listers of the accounts, whose names must differ. It makes no call. An account whose credential and endpoint have not changed
// since the call before keeps its session.
func (a *API) Listers(accounts []Account) []source.Lister {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.accounts
	a.accounts = map[string]renewed{}
	var listers []source.Lister
	for _, account := range accounts {
		held, found := before[account.Name]
		if found && held.endpoint == account.Endpoint && held.credential.Equal(account.Credential) {
			delete(before, account.Name)
		} else {
			held = renewed{a.newRenewer(account), account.Credential, account.Endpoint}
		}
		a.accounts[account.Name] = held
		for _, region := range account.Regions {
			client := a.newClient(account, region, held.Renewer)
			for _, kind := range source.Kinds() {
				listers = append(listers, client.lister(kind.Action))
			}
		}
	}
	for _, held := range before {
		a.retired = append(a.retired, held.Renewer)
	}
	return listers
}

// Close ends the renewals of credentials and waits for them. What uses the listers must
// have ended.
func (a *API) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, held := range a.accounts {
		held.Close()
	}
	for _, renewer := range a.retired {
		renewer.Close()
	}
}
