package credential

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/secret"
)

const (
	// callTimeout is how long the calls of one renewal may take. It is less than a
	// refresh, so that a scrape learns why the renewal failed.
	callTimeout = 4500 * time.Millisecond
	// renewalTimeout is how long one renewal may take. Only a disk that does not respond
	// takes longer: a call ends with its context.
	renewalTimeout = 5 * time.Second
	// rereadAfter is the maximum age of what was read from local files.
	rereadAfter = time.Second
	// rereadTimeout is how long a caller that has a credential waits for a file,
	// which takes a millisecond unless the disk does not respond.
	rereadTimeout = time.Second
	// closeTimeout is how long Close waits.
	closeTimeout = time.Second
	// longestPause is the longest pause between failed renewals, and retryPause the
	// first. It is shorter than the minute between two scrapes, so that each scrape can
	// find that the cloud accepts the credential again.
	longestPause = 30 * time.Second
	// maxGenerations is how many generations of a credential are redacted from texts:
	// a call takes seconds, and a generation lasts an hour.
	maxGenerations = 4
)

var (
	// ErrPending is the error of Get if its context ends before the renewal.
	ErrPending = errors.New("no credential yet: its renewal did not finish before the deadline of the refresh")
	errOverdue = fmt.Errorf("renewal did not finish within %v; check the disk that holds the credential's files", renewalTimeout)
)

// Renewer hands out the credential of one account and renews it, one renewal at a
// time. A credential that expires is renewed after a half to three quarters of its
// life, and one in files before each use. Renewer is safe for concurrent use. Its
// user must call Close.
type Renewer struct {
	provider provider
	host     Host
	failures *logging.RepeatLimiter
	// local marks a credential that is read from local files: it is cheap to read
	// again and can change at any time.
	local bool

	ctx    context.Context // of renewals; ended by Close
	cancel context.CancelFunc

	mu       sync.Mutex
	current  Values    // zero before the first renewal
	obtained time.Time // when current was obtained
	// rejected marks a credential that the cloud refused: its renewal is worth a
	// short wait.
	rejected bool

	running *renewal  // nil if there is none
	next    time.Time // when the next one may begin
	failure error     // of the last one
	pauses  *backoff.ExponentialBackOff

	generations [][]secret.Value // the newest last
	redactor    secret.Redactor
}

// renewal is a running renewal.
type renewal struct {
	begin time.Time
	done  chan struct{} // closed once it has ended
}

// New returns the Renewer for an account. It makes no call.
func New(options Options, host Host) *Renewer {
	host = host.withDefaults()
	return newRenewer(options.provider(host), host)
}

func newRenewer(provider provider, host Host) *Renewer {
	ctx, cancel := context.WithCancel(context.Background())
	pauses := newPauses()
	pauses.MaxInterval = longestPause
	r := &Renewer{
		provider: provider, host: host, ctx: ctx, cancel: cancel, pauses: pauses,
		failures: logging.NewRepeatLimiter(host.Log, "Credential could not be renewed; the previous one is still valid"),
	}
	switch provider := provider.(type) {
	case static:
		r.store(Values(provider))
	case keyFiles, profile:
		r.local = true
	}
	return r
}

// Close cancels a running renewal and waits for it, but not for a disk that does not
// respond. Get keeps returning what is valid.
func (r *Renewer) Close() {
	r.mu.Lock()
	r.cancel()
	running := r.running
	r.mu.Unlock()
	if running != nil {
		wait(context.Background(), running, closeTimeout)
	}
}

// Get returns the credential that is valid now. It begins a renewal if one is due.
// If no credential is valid, it waits for the renewal until ctx ends; if the valid
// one is read from files or was refused, it waits for a second at most. The error
// is that of the last renewal.
func (r *Renewer) Get(ctx context.Context) (Values, error) {
	if running, limit := r.renew(); running != nil {
		wait(ctx, running, limit)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.valid():
		return r.current, nil
	case r.overdue():
		return Values{}, errOverdue
	case r.failure != nil:
		return Values{}, r.failure
	case r.running != nil:
		return Values{}, ErrPending
	}
	return Values{}, errors.New("no credential: the exporter is shutting down")
}

// wait returns when the renewal or ctx has ended, or limit has passed.
func wait(ctx context.Context, running *renewal, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-running.done:
	case <-ctx.Done():
	}
}

// Current returns the current credential without renewing it. It may have expired.
func (r *Renewer) Current() Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// Refused records that the cloud refused a credential. One that expires is then
// renewed early, because the cloud may have ended it. If the renewal fails, the
// credential continues to be used, because another region may still accept it. A
// credential that was obtained only just now is not renewed, because another would
// be refused as well.
func (r *Renewer) Refused(values Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.host.Now()
	if !r.current.Expires.IsZero() && r.current.Equal(values) && now.Sub(r.obtained) >= longestPause {
		r.next, r.rejected = now, true
	}
}

// Redactor returns a redactor for the secrets of this credential, those of previous
// generations, and those that were used to obtain them.
func (r *Renewer) Redactor() secret.Redactor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.redactor
}

// renew begins a renewal if one is due. It returns the running renewal and how long
// a caller of Get may wait for it.
func (r *Renewer) renew() (running *renewal, limit time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.overdue() && r.valid():
		r.failures.Failed(errOverdue)
	case r.running == nil && !r.host.Now().Before(r.next) && r.ctx.Err() == nil:
		r.running = &renewal{begin: time.Now(), done: make(chan struct{})}
		go r.run(r.running)
	}
	switch {
	case r.running == nil:
		return nil, 0
	case !r.valid():
		limit = renewalTimeout
	case r.local, r.rejected:
		limit = rereadTimeout
	}
	return r.running, limit - time.Since(r.running.begin)
}

// valid must be called with the lock held.
func (r *Renewer) valid() bool {
	return !r.current.Equal(Values{}) && (r.current.Expires.IsZero() || r.host.Now().Before(r.current.Expires))
}

// overdue reports whether the running renewal has exceeded its timeout. No other begins
// meanwhile. It must be called with the lock held.
func (r *Renewer) overdue() bool {
	return r.running != nil && time.Since(r.running.begin) >= renewalTimeout
}

// run retrieves a new credential and records the result.
func (r *Renewer) run(running *renewal) {
	defer close(running.done)
	ctx, cancel := context.WithTimeout(r.ctx, callTimeout)
	defer cancel()
	values, err := r.retrieve(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = nil
	switch {
	case err == nil:
		r.store(values)
		r.failures.Succeeded("Credential renewal succeeds again")
	case r.ctx.Err() == nil: // a renewal that Close has canceled is not a failure
		r.failure, r.next = err, r.host.Now().Add(r.pause())
		if r.valid() {
			r.failures.Failed(err)
		}
	}
}

// retrieve turns a panic on hostile input into a failed renewal.
func (r *Renewer) retrieve(ctx context.Context) (values Values, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic (%T) in a renewal; please report it", cause)
		}
	}()
	return r.provider.Retrieve(ctx)
}

// pause returns how long to wait after a failed renewal.
func (r *Renewer) pause() time.Duration {
	if r.local {
		return rereadAfter
	}
	return r.pauses.NextBackOff()
}

// store makes a credential the current one. It must be called with the lock held.
func (r *Renewer) store(values Values) {
	if !values.Equal(r.current) {
		r.generations = append(r.generations, values.secrets())
		r.generations = r.generations[max(0, len(r.generations)-maxGenerations):]
		r.redactor = secret.NewRedactor(slices.Concat(r.generations...)...)
	}
	r.current, r.obtained, r.rejected, r.failure = values, r.host.Now(), false, nil
	r.next = r.obtained.Add(r.lifetime())
	r.pauses.Reset()
}

// lifetime returns how long the current credential is used before its renewal. It
// must be called with the lock held.
func (r *Renewer) lifetime() time.Duration {
	switch {
	case r.local:
		return rereadAfter
	case r.current.Expires.IsZero():
		return math.MaxInt64
	}
	// At random, so that a thousand accounts that start together do not renew
	// together.
	life := r.current.Expires.Sub(r.obtained)
	return life/2 + rand.N(life/4+1)
}
