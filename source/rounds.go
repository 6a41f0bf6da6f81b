package source

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// groupPrefix begins the names that the API gives to the consumer groups of tasks.
	groupPrefix = "datahub-"
	// groupInterval is how often the API is asked for the name of a consumer group that
	// has committed nothing under the usual one.
	groupInterval = time.Hour
	// maxPolls is how many tasks are polled at once. At the 50 ms of a call, it takes
	// one; more are in flight only if calls are slow.
	maxPolls = 8
	// maxOffsetPages bounds the pages of one group: 1,000 topics.
	maxOffsetPages = 20
)

// A tracker asks how far the tasks of a source have come. It does so in rounds in the
// background, and none of its failures is one of the source.
type tracker struct {
	source   *Source
	interval time.Duration
	quotas   map[Action]*quota
	observed chan struct{}

	// Used by one round at a time.
	works, missing bool // the last round succeeded; found no group at all

	mu        sync.Mutex
	consumers consumers
	up        *bool     // see Progress
	told      time.Time // when up was set
	notFound  int       // in the last round
	published *Progress
	at, until time.Time // when published was true first, and until when; zero for ever
	changed   bool      // whether more is known than published
}

func newTracker(source *Source) *tracker {
	t := &tracker{
		source:    source,
		interval:  source.options.ProgressInterval,
		quotas:    map[Action]*quota{},
		observed:  make(chan struct{}, 1),
		consumers: consumers{},
	}
	for _, action := range []Action{GroupOffsets, TopicGroupOffsets, SingleTask} {
		t.quotas[action] = newQuota(source.options.QPS)
	}
	return t
}

// observe begins a round, unless one is in progress: then the next one follows it. It
// does not wait. A nil tracker does nothing.
func (t *tracker) observe() {
	if t == nil {
		return
	}
	select {
	case t.observed <- struct{}{}:
	default:
	}
}

// run makes a round whenever someone has observed the source, until the source is
// closed.
func (t *tracker) run() {
	for {
		select {
		case <-t.observed:
			t.round(t.source.base, t.interval)
		case <-t.source.base.Done():
			return
		}
	}
}

// ProgressReport describes one round.
type ProgressReport struct {
	Target Target
	// Tasks counts the running tasks that read from a topic. Of those, Found counts the
	// ones whose group has committed something, NeverCommitted those with one that has
	// not, NotFound those without, and Failed those of which nothing is known, because
	// of Err, the first failure.
	Tasks, Found, NeverCommitted, NotFound, Failed int
	Err                                            *Error
	Duration                                       time.Duration
}

// A round polls each task once.
type round struct {
	log *slog.Logger

	mu     sync.Mutex
	report ProgressReport
	denied map[Action]*Error // calls that are refused for every task alike
}

// round polls all tasks, spread over an interval, and returns when that has passed or
// ctx ends.
func (t *tracker) round(ctx context.Context, spread time.Duration) ProgressReport {
	began := time.Now()
	listing, round := t.begin()
	if listing == nil {
		return round.report
	}
	var polls errgroup.Group
	polls.SetLimit(maxPolls)
	tasks := pollable(listing)
	t.mu.Lock()
	t.consumers.rest(tasks)
	t.mu.Unlock()
	round.report.Tasks = len(tasks)
	for i, task := range tasks {
		if !sleepUntil(ctx, began.Add(spread*time.Duration(i)/time.Duration(len(tasks)))) {
			break
		}
		poll := func() error {
			t.poll(ctx, task, round)
			return nil
		}
		if i == 0 { // if all calls are denied, this is the only one
			_ = poll()
			continue
		}
		polls.Go(poll)
	}
	_ = polls.Wait()
	round.report.Duration = time.Since(began)
	if ctx.Err() != nil {
		return round.report
	}
	t.end(round, listing)
	if len(tasks) > 0 {
		sleepUntil(ctx, began.Add(spread))
	}
	return round.report
}

// begin returns the listing whose tasks to poll, which may be nil.
func (t *tracker) begin() (*Listing, *round) {
	t.source.mu.Lock()
	defer t.source.mu.Unlock()
	return t.source.snapshot.Listing, &round{
		log:    t.source.log,
		report: ProgressReport{Target: t.source.target},
		denied: map[Action]*Error{},
	}
}

// A pollableTask is a running task that reads from a topic.
type pollableTask struct {
	id   string
	read Consumption
}

func pollable(listing *Listing) []pollableTask {
	var tasks []pollableTask
	kind := TaskKind()
	for i := range listing.Items {
		item := &listing.Items[i]
		if read, ok := item.consumption(); ok && kind.State(item.Status).Condition == Running {
			tasks = append(tasks, pollableTask{item.ID, read})
		}
	}
	return tasks
}

// poll asks how far a task has come.
func (t *tracker) poll(ctx context.Context, task pollableTask, round *round) {
	ctx, cancel := context.WithTimeout(ctx, t.source.options.Timeout)
	defer cancel()
	t.mu.Lock()
	known, found := t.consumers[task.id]
	if !found {
		known = &consumer{}
		t.consumers[task.id] = known
	}
	t.mu.Unlock()
	partitions, failure := t.ask(ctx, task, known, round)
	now := t.source.options.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if failure == nil {
		known.learn(partitions, now, t.interval)
	} else {
		t.up, t.told = new(bool), now
	}
	t.changed = true
	round.count(known, failure)
}

// count counts the outcome of a poll.
func (r *round) count(known *consumer, failure *Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case failure != nil:
		r.report.Failed++
		r.report.Err = cmp.Or(r.report.Err, failure)
	case known.notFound:
		r.report.NotFound++
	case known.progress.NeverCommitted:
		r.report.NeverCommitted++
	default:
		r.report.Found++
	}
}

// ask returns the partitions of a task's consumer group, none if it is not found. It
// asks for the name of the group if the usual one has committed nothing.
func (t *tracker) ask(ctx context.Context, task pollableTask, known *consumer, round *round) ([]Partition, *Error) {
	group := cmp.Or(known.group, groupPrefix+task.id)
	partitions, failure := t.offsets(ctx, OffsetsQuery{Consumption: task.read, Group: group}, round)
	now := t.source.options.Now()
	if failure != nil || hasCommitted(partitions) || !known.asked.IsZero() && now.Sub(known.asked) < groupInterval {
		return partitions, failure
	}
	var named string
	failure = t.call(ctx, SingleTask, round, func(ctx context.Context, lister Lister) (err error) {
		named, err = lister.Group(ctx, task.id)
		return err
	})
	if failure != nil {
		return nil, failure
	}
	known.asked, known.group = now, named
	if named == "" || named == group {
		return partitions, nil
	}
	return t.offsets(ctx, OffsetsQuery{Consumption: task.read, Group: named}, round)
}

// hasCommitted reports whether a group has, or may have, committed in a partition.
func hasCommitted(partitions []Partition) bool {
	for _, p := range partitions {
		if p.Offset >= 0 || p.Failed {
			return true
		}
	}
	return false
}

// offsets returns the partitions of a group, all pages together.
func (t *tracker) offsets(ctx context.Context, query OffsetsQuery, round *round) ([]Partition, *Error) {
	var partitions []Partition
	for range maxOffsetPages {
		var page OffsetsPage
		failure := t.call(ctx, query.Action, round, func(ctx context.Context, lister Lister) (err error) {
			page, err = lister.Offsets(ctx, query)
			return err
		})
		if failure != nil {
			return nil, failure
		}
		partitions = append(partitions, page.Partitions...)
		query.Offset += page.Topics
		if page.Topics == 0 || int64(query.Offset) >= page.Total {
			break
		}
	}
	return partitions, nil
}

// call makes a call, unless it is refused for every task alike. That something does not
// exist is no error.
func (t *tracker) call(ctx context.Context, action Action, round *round, do func(context.Context, Lister) error) *Error {
	round.mu.Lock()
	denied := round.denied[action]
	round.mu.Unlock()
	if denied != nil {
		return denied
	}
	target, lister := t.source.target, t.source.currentLister()
	target.Action = action
	caller := caller{target: target, quota: t.quotas[action], ready: lister.Ready, options: &t.source.options}
	failure := caller.call(ctx, func(ctx context.Context) error { return do(ctx, lister) })
	if failure == nil || failure.NotFound {
		return nil
	}
	switch failure.Class {
	case Permission, Auth, Parameter:
		round.mu.Lock()
		defer round.mu.Unlock()
		round.denied[action] = failure
	case Throttled, Server, Network, Timeout, Decode:
	}
	return failure
}

// end publishes and logs how the round went.
func (t *tracker) end(round *round, listing *Listing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	up := round.report.Failed == 0
	t.up, t.told, t.notFound, t.changed = &up, t.source.options.Now(), round.report.NotFound, true
	t.consumers.keepOnly(listing)
	t.log(round.log, round.report)
}

// log logs each round that failed, the first one that has not, and that no group was
// found.
func (t *tracker) log(log *slog.Logger, report ProgressReport) {
	counts := []any{"tasks", report.Tasks, "found", report.Found, "never_committed", report.NeverCommitted, "not_found", report.NotFound}
	if failure := report.Err; failure != nil {
		log.Warn("Progress of tasks is not known", append(counts, "failed", report.Failed, "class", string(failure.Class),
			"code", failure.Code, "err", failure.Message, "request_id", failure.RequestID, slog.String("hint", failure.Remedy().English))...)
	} else if !t.works && report.Tasks > 0 {
		log.Info("Progress of tasks is known", counts...)
	}
	missing := report.NotFound > 0 && report.NotFound == report.Tasks
	if missing && !t.missing {
		log.Warn("No consumer group of any task was found", "tasks", report.Tasks)
	}
	t.works, t.missing = report.Err == nil && report.Tasks > 0, missing
}

// progress returns what is known. Like a snapshot, it stays the same for MinInterval, so
// that scrapes share what is gathered of it.
func (t *tracker) progress() *Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.source.options.Now()
	outdated := !t.until.IsZero() && !now.Before(t.until)
	if t.published != nil && !outdated && (!t.changed || now.Sub(t.at) < t.source.options.MinInterval) {
		return t.published
	}
	t.published, t.at, t.changed = &Progress{NotFound: t.notFound}, now, false
	t.published.Tasks, t.until = t.consumers.view(now, t.interval)
	if expires := t.told.Add(outdatedAfter * t.interval); t.up != nil && now.Before(expires) {
		t.published.Up = t.up
		if t.until.IsZero() || expires.Before(t.until) {
			t.until = expires
		}
	}
	return t.published
}
