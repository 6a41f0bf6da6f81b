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

// An Account is a credential and the regions to watch with it.
type Account struct {
	Name       string             // unique among the accounts
	Credential credential.Options // where its credential comes from; its API is overridden by Endpoint
	Regions    []string           // at least one, no duplicates
	Endpoint   endpoint.Endpoint  // of the CKafka API; the zero value means the SDK's default
}

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
	// OnResponse, if set, is called with the body of each response with status 200: the
	// page at an offset or, for a call that lists no items, its number. The body may
	// contain passwords of databases. It is called concurrently.
	OnResponse func(target source.Target, offset int64, body []byte)
	// Background carries the calls for the progress of tasks, so that what they do to
	// connections delays no scrape; nil means the transport of the others.
	Background http.RoundTripper
}

// API is the cloud's API for a number of accounts. It is safe for concurrent use.
type API struct {
	pool       *pool
	background *pool // of the calls for the progress of tasks
	options    Options

	mu       sync.Mutex
	sessions map[string]session // by the name of the account
	// renewers are all that were ever opened. A refresh in flight may still use one that
	// no account needs any more, so all are closed together; an idle one costs nothing.
	renewers []*credential.Renewer
}

// session is the renewer of an account's credential, and what it was opened for.
type session struct {
	*credential.Renewer
	credential credential.Options
	endpoint   endpoint.Endpoint
}

// New returns an API whose calls go over a transport. The caller must call Close.
func New(transport http.RoundTripper, options Options) *API {
	if options.Background == nil {
		options.Background = transport
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.OnCall == nil {
		options.OnCall = func(source.CallReport) {}
	}
	return &API{
		pool:       &pool{next: transport, renewed: time.Now()},
		background: &pool{next: options.Background, renewed: time.Now()},
		options:    options,
	}
}

// Listers returns the listers of the accounts, whose names must differ. It makes no
// call. An account whose credential and endpoint have not changed since the call before
// keeps its session.
func (a *API) Listers(accounts []Account) []source.Lister {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.sessions
	a.sessions = map[string]session{}
	var listers []source.Lister
	for _, account := range accounts {
		current, found := before[account.Name]
		if !found || current.endpoint != account.Endpoint || !current.credential.Equal(account.Credential) {
			current = session{a.newRenewer(account), account.Credential, account.Endpoint}
			a.renewers = append(a.renewers, current.Renewer)
		}
		a.sessions[account.Name] = current
		for _, region := range account.Regions {
			client := a.newClient(account, region, current.Renewer)
			for _, kind := range source.Kinds() {
				listers = append(listers, client.lister(kind.Action))
			}
		}
	}
	return listers
}

// Close ends the renewals of credentials and waits for them. What uses the listers must
// have ended.
func (a *API) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, renewer := range a.renewers {
		renewer.Close()
	}
}
