package source

import (
	"context"
	"iter"
	"net/http"
	"sync"

	"datahub_exporter/credential"
)

// A Set is the sources of all targets: one for each account, region and action.
// It is safe for concurrent use.
type Set struct {
	sources  []*Source
	renewers []*credential.Renewer // of the accounts
}

// Open returns the set for the accounts, whose names differ. It makes no call.
// The set is ended by Close.
func Open(accounts []Account, transport http.RoundTripper, options Options) *Set {
	set := &Set{}
	log := options.withDefaults().Log
	options.places = make(places, maxCalls)
	for _, account := range accounts {
		if len(accounts) > 1 {
			options.Log = log.With("account", account.Name)
		}
		renewer := newRenewer(account, transport, options)
		set.renewers = append(set.renewers, renewer)
		for _, region := range account.Regions {
			client := newClient(account, region, renewer, transport)
			for _, action := range []Action{Tasks, Connections} {
				target := Target{Account: account.Name, Region: region, Action: action}
				source := newSource(target, client.list(action), options)
				source.ready = client.ready
				set.sources = append(set.sources, source)
			}
		}
	}
	return set
}

// Snapshots returns what is known of the targets of an action, each refreshed as
// Source.Snapshot does it. The sources are asked concurrently, so that none waits
// for another's region.
func (s *Set) Snapshots(ctx context.Context, action Action) []*Snapshot {
	var asking sync.WaitGroup
	for source := range s.of(action) {
		asking.Go(func() { source.Snapshot(ctx) })
	}
	asking.Wait()
	return s.Last(action)
}

// Last returns what is known of the targets of an action, as it is. It asks the
// API nothing and does not wait.
func (s *Set) Last(action Action) []*Snapshot {
	var snapshots []*Snapshot
	for source := range s.of(action) {
		snapshots = append(snapshots, source.Last())
	}
	return snapshots
}

// Close ends all refreshes under way without publishing them, and waits for
// them. The set keeps returning its last snapshots.
func (s *Set) Close() {
	for _, source := range s.sources {
		source.giveUp()
	}
	for _, source := range s.sources {
		source.Close()
	}
	for _, renewer := range s.renewers {
		renewer.Close()
	}
}

// of yields the sources of an action.
func (s *Set) of(action Action) iter.Seq[*Source] {
	return func(yield func(*Source) bool) {
		for _, source := range s.sources {
			if source.target.Action == action && !yield(source) {
				return
			}
		}
	}
}
