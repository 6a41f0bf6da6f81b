package source

import (
	"time"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
)

// renewers are the renewers of the accounts of a Set. A reload keeps the renewer of
// an account whose credential settings have not changed, so that it does not have
// to request a new session.
type renewers struct {
	current map[string]held // by account
	// retired belong to no account any more, but a refresh in flight may still use
	// them.
	retired []retired
}

// held is a renewer, and what it was made for.
type held struct {
	*credential.Renewer
	credential credential.Options
	endpoint   endpoint.Endpoint
}

type retired struct {
	*credential.Renewer
	since time.Time
}

// replace sets the renewers that a reload wants and returns those that no refresh
// can use any more, for the caller to close: a refresh ends within timeout.
func (r *renewers) replace(wanted map[string]held, timeout time.Duration) (useless []*credential.Renewer) {
	now := time.Now()
	for name, before := range r.current {
		if wanted[name].Renewer != before.Renewer {
			r.retired = append(r.retired, retired{before.Renewer, now})
		}
	}
	r.current = wanted
	var kept []retired
	for _, one := range r.retired {
		if now.Sub(one.since) > timeout+stuckMargin {
			useless = append(useless, one.Renewer)
		} else {
			kept = append(kept, one)
		}
	}
	r.retired = kept
	return useless
}

// of returns the renewer of an account: the existing one if it still fits, or a new
// one.
func (r *renewers) of(account Account, open func() *credential.Renewer) held {
	before, found := r.current[account.Name]
	if found && before.endpoint == account.Endpoint && before.credential.Equal(account.Credential) {
		return before
	}
	return held{Renewer: open(), credential: account.Credential, endpoint: account.Endpoint}
}

// all returns all renewers, including retired ones.
func (r *renewers) all() []*credential.Renewer {
	var all []*credential.Renewer
	for _, one := range r.current {
		all = append(all, one.Renewer)
	}
	for _, one := range r.retired {
		all = append(all, one.Renewer)
	}
	return all
}
