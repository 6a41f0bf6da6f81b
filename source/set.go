package source

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Set holds the sources of all targets. It is safe for concurrent use.
type Set struct {
	options Options

	mu      sync.Mutex
	sources []*Source // replaced as a whole, never changed
	closed  bool
	closing sync.WaitGroup // of sources that are no longer used

	changesMu sync.Mutex // no source waits for mu, under which Reload and Close stop sources
	changes   []Change   // replaced as a whole, never changed
	onChange  func([]Change)
}

// Open returns the set for the listers, whose targets must differ. It makes no call. The
// caller must call Close.
func Open(listers []Lister, options Options) *Set {
	set := &Set{options: options.withDefaults()}
	set.onChange, set.options.OnChange = set.options.OnChange, set.addChanges
	set.Reload(listers)
	return set
}

// Reload replaces the listers, whose targets must differ. A target that stays keeps its
// snapshot, its count of failures and its quota, and uses its new lister from the next
// refresh on. Concurrent callers see either all the old targets or all the new ones.
// Reload makes no call and does not wait. On a closed set it does nothing.
func (s *Set) Reload(listers []Lister) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	gone := map[Target]*Source{}
	for _, source := range s.sources {
		gone[source.target] = source
	}
	multiAccount := slices.ContainsFunc(listers, func(lister Lister) bool { return lister.Target.Account != listers[0].Target.Account })
	var sources []*Source
	options := s.options
	for _, lister := range listers {
		if multiAccount {
			options.Log = s.options.Log.With("account", lister.Target.Account)
		}
		source, stays := gone[lister.Target]
		if stays {
			source.setLister(lister, options.Log)
		} else {
			source = newSource(lister, options)
		}
		delete(gone, lister.Target)
		sources = append(sources, source)
	}
	s.sources = sources
	for _, source := range gone {
		s.closing.Go(source.Close)
	}
}

// Snapshots returns what is known about the targets of an action, each refreshed as
// by Source.Snapshot. The sources are queried concurrently, so that none waits for
// another's region.
func (s *Set) Snapshots(ctx context.Context, action Action) []*Snapshot {
	sources := s.withAction(action)
	refresh(ctx, sources)
	return last(sources)
}

// Select is like Snapshots, but only for the selected targets: no other is
// refreshed. It also returns the last snapshots of all targets of the action,
// because the labels of a series depend on what is configured, not on what a scrape
// selects. The error names what is selected and does not exist, and what does.
func (s *Set) Select(ctx context.Context, action Action, selection Selection) (selected, all []*Snapshot, err error) {
	sources := s.withAction(action)
	chosen, err := selection.filter(sources)
	if err != nil {
		return nil, nil, err
	}
	refresh(ctx, chosen)
	return last(chosen), last(sources), nil
}

// refresh refreshes each source that needs it.
func refresh(ctx context.Context, sources []*Source) {
	var refreshes sync.WaitGroup
	for _, source := range sources {
		refreshes.Go(func() { source.Snapshot(ctx) })
	}
	refreshes.Wait()
}

// Refresh refreshes the targets, of both actions, whose last refresh began maxAge
// ago or longer, as Source.Snapshot does.
func (s *Set) Refresh(ctx context.Context, maxAge time.Duration) {
	refresh(ctx, slices.DeleteFunc(slices.Clone(s.all()), func(source *Source) bool { return !source.olderThan(maxAge) }))
}

// PollProgress asks once for the progress of all tasks that are listed, without pauses,
// and returns how that went, a report for each target that has tasks to ask for.
func (s *Set) PollProgress(ctx context.Context) []ProgressReport {
	sources := s.withAction(Tasks)
	reports := make([]ProgressReport, len(sources))
	var rounds sync.WaitGroup
	for i, source := range sources {
		rounds.Go(func() { reports[i] = newTracker(source).round(ctx, 0) })
	}
	rounds.Wait()
	return slices.DeleteFunc(reports, func(report ProgressReport) bool { return report.Tasks == 0 })
}

// Last returns what is known about all targets, of both actions, without refreshing
// them. It makes no call and does not wait.
func (s *Set) Last() []*Snapshot { return last(s.all()) }

func last(sources []*Source) []*Snapshot {
	var snapshots []*Snapshot
	for _, source := range sources {
		snapshots = append(snapshots, source.Last())
	}
	return snapshots
}

// Close cancels all refreshes in flight without publishing them, and waits for
// them. The set keeps returning its last snapshots.
func (s *Set) Close() {
	s.mu.Lock()
	s.closed = true
	sources := s.sources
	s.mu.Unlock()
	for _, source := range sources {
		source.stop()
	}
	for _, source := range sources {
		source.Close()
	}
	s.closing.Wait()
}

// all returns the sources, which the caller must not change.
func (s *Set) all() []*Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sources
}

// withAction returns the sources of an action.
func (s *Set) withAction(action Action) []*Source {
	var sources []*Source
	for _, source := range s.all() {
		if source.target.Action == action {
			sources = append(sources, source)
		}
	}
	return sources
}
