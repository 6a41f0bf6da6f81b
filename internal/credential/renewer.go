package credential

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/secret"
)

const (
	// DefaultTimeout is how long one renewal may take. It is less than a refresh,
	// so that a scrape learns why the renewal failed.
	DefaultTimeout = 5 * time.Second
	// rereadAfter is the maximum age of what was read from local files.
	rereadAfter = time.Second
	// rereadPatience is how long a caller that has a credential waits for a file,
	// which takes a millisecond unless the disk does not respond.
	rereadPatience = time.Second
	// firstPause and longestPause are the pauses between failed renewals. The
	// longest is shorter than the minute between two scrapes, so that each scrape
	// can find that the cloud accepts the credential again.
	firstPause   = time.Second
	longestPause = 30 * time.Second
	// remembered is how many generations of a credential are redacted from texts: a
	// call takes seconds, and a generation lasts an hour.
	remembered = 4
)

// Renewer hands out the credential of one account and renews it, one renewal at a
// time. A credential that expires is renewed after a half to three quarters of its
// life, and one in files before each use. Renewer is safe for concurrent use. Its
// user must call Close.
type Renewer struct {
	provider Provider
	host     Host
	failures *logging.RepeatLimiter
	// local marks a credential that is read from local files: it is cheap to read
	// again and can change at any time.
	local bool

	base     context.Context
	cancel   context.CancelFunc
	renewals sync.WaitGroup
	// retrieving is full while the provider is retrieving, which may take longer
	// than the renewal.
	retrieving chan struct{}

	mu     sync.Mutex
	held   Values    // zero before the first renewal
	since  time.Time // when held was obtained
	due    time.Time // when to renew held; zero means never
	flight *flight   // nil if no renewal is in flight
	// doubted marks a refused credential: its renewal is worth a short wait.
	doubted bool

	// After a failed renewal:
	failure error
	retry   time.Time // not before
	pauses  *backoff.ExponentialBackOff

	generations [][]secret.Value // the newest last
	redactor    secret.Redactor
}

// flight is a renewal that has not ended.
type flight struct {
	patience time.Time     // until when a caller that has a credential waits
	done     chan struct{} // closed once it has ended
}

// New returns the Renewer for an account. It makes no call.
func New(options Options, host Host) *Renewer {
	host = host.withDefaults()
	return NewRenewer(options.provider(host), host)
}

// NewRenewer returns a Renewer for the given provider.
func NewRenewer(provider Provider, host Host) *Renewer {
	host = host.withDefaults()
	base, cancel := context.WithCancel(context.Background())
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, longestPause
	r := &Renewer{
		provider: provider, host: host, base: base, cancel: cancel, pauses: pauses, retrieving: make(chan struct{}, 1),
		failures: logging.NewRepeatLimiter(host.Log, "Credential could not be renewed; the one before still serves"),
	}
	switch provider := provider.(type) {
	case static:
		r.hold(Values(provider))
	case inFiles, profile:
		r.local = true
	}
	return r
}

// Close cancels a renewal in flight and waits for it. Get keeps returning what is
// valid.
func (r *Renewer) Close() {
	r.mu.Lock()
	r.cancel()
	r.mu.Unlock()
	r.renewals.Wait()
}

// Get returns the credential that is valid now. It begins a renewal if one is due.
// If no credential is valid, it waits for the renewal until ctx ends; if the valid
// one is read from files or was refused, it waits for a second at most. The error
// is that of the last renewal.
func (r *Renewer) Get(ctx context.Context) (Values, error) {
	flight := r.board()
	if flight == nil {
		return r.now()
	}
	if _, err := r.now(); err == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, flight.patience)
		defer cancel()
	}
	select {
	case <-flight.done:
		return r.now()
	case <-ctx.Done():
	}
	values, err := r.now()
	if err != nil && errors.Is(err, errNone) {
		err = errors.New("no credential yet: its renewal has not ended before the deadline of the refresh")
	}
	return values, err
}

// Held returns the current credential without renewing it. It may have expired.
func (r *Renewer) Held() Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
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
	if !r.held.Expires.IsZero() && r.held.Equal(values) && now.Sub(r.since) >= longestPause {
		r.due, r.doubted = now, true
	}
}

// Redactor returns a redactor for the secrets of this credential, those of previous
// generations, and those that were used to obtain them.
func (r *Renewer) Redactor() secret.Redactor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.redactor
}

// errNone says that there is no credential, and no failure either.
var errNone = errors.New("no credential: none was renewed before the exporter ended")

// now returns the credential that is valid now, or an error that says why there is
// none.
func (r *Renewer) now() (Values, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.valid():
		return r.held, nil
	case r.failure != nil:
		return Values{}, r.failure
	}
	return Values{}, errNone
}

// valid must be called with the lock held.
func (r *Renewer) valid() bool {
	return !r.held.Equal(Values{}) && (r.held.Expires.IsZero() || r.host.Now().Before(r.held.Expires))
}

// board returns the renewal to wait for, a new one if one is due, or nil.
func (r *Renewer) board() *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.host.Now()
	due := !r.valid() || !r.due.IsZero() && !now.Before(r.due)
	switch {
	case r.flight != nil && r.serves():
		return nil
	case r.flight != nil:
		return r.flight
	case !due, now.Before(r.retry), r.base.Err() != nil:
		return nil
	}
	r.flight = &flight{patience: time.Now().Add(rereadPatience), done: make(chan struct{})}
	r.renewals.Add(1)
	go r.renew(r.flight)
	if r.serves() {
		return nil
	}
	return r.flight
}

// serves reports whether the current credential is as good as what a renewal may
// bring. It must be called with the lock held.
func (r *Renewer) serves() bool { return r.valid() && !r.local && !r.doubted }

func (r *Renewer) renew(flight *flight) {
	defer r.renewals.Done()
	defer close(flight.done)
	values, err := r.retrieve()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flight = nil
	switch {
	case r.base.Err() != nil: // a renewal that Close has canceled is not a failure
	case err != nil:
		r.failure, r.retry = err, r.host.Now().Add(r.pause())
		if r.valid() {
			r.failures.Failed(err)
		}
	default:
		r.hold(values)
		r.failures.Succeeded("Credential is renewed again")
	}
}

// pause returns how long to wait after a failed renewal.
func (r *Renewer) pause() time.Duration {
	if r.local {
		return rereadAfter
	}
	return r.pauses.NextBackOff()
}

// hold makes a credential the one that is handed out. It must be called with the
// lock held.
func (r *Renewer) hold(values Values) {
	if !values.Equal(r.held) {
		r.generations = append(r.generations, values.secrets())
		r.generations = r.generations[max(0, len(r.generations)-remembered):]
		var all []secret.Value
		for _, generation := range r.generations {
			all = append(all, generation...)
		}
		r.redactor = secret.NewRedactor(all...)
	}
	now := r.host.Now()
	r.held, r.since, r.doubted, r.failure, r.retry = values, now, false, nil, time.Time{}
	r.pauses.Reset()
	switch {
	case r.local:
		r.due = now.Add(rereadAfter)
	case !values.Expires.IsZero():
		// At random, so that a thousand accounts that start together do not renew
		// together.
		life := values.Expires.Sub(now)
		r.due = now.Add(life/2 + rand.N(life/4+1))
	default:
		r.due = time.Time{}
	}
}
