package credential

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"datahub_exporter/errorlog"
	"datahub_exporter/secret"
)

const (
	// DefaultTimeout is how long one renewal may take: less than a refresh, so
	// that a scrape hears why it failed.
	DefaultTimeout = 5 * time.Second
	// rereadAfter is how old what was read from this machine's files may be.
	rereadAfter = time.Second
	// rereadPatience is how long a caller that has a credential waits for a file,
	// which takes a millisecond unless its disk does not answer.
	rereadPatience = time.Second
	// firstPause and longestPause are between renewals that fail. The longest is
	// less than the minute between two scrapes, so that each scrape can find that
	// the cloud takes the credential again.
	firstPause   = time.Second
	longestPause = 30 * time.Second
	// remembered is how many generations of a credential no text may repeat: a
	// call takes seconds, and a generation an hour.
	remembered = 4
)

// Renewer hands out the credential of one account and renews it, one renewal at a
// time: one that expires when a half to three quarters of its life have passed, one
// of files before each use. It is safe for concurrent use, and ended by Close.
type Renewer struct {
	provider Provider
	host     Host
	failures *errorlog.Kind
	// local marks what is read from this machine's files: that is cheap to read
	// again and can change at any time.
	local bool

	base     context.Context
	cancel   context.CancelFunc
	renewals sync.WaitGroup
	// retrieving is full while the provider is asked, which may last longer than
	// the renewal.
	retrieving chan struct{}

	mu     sync.Mutex
	held   Values    // zero before the first renewal
	since  time.Time // when held was handed out
	due    time.Time // when to renew held; zero is never
	flight *flight   // nil while no renewal is under way
	// doubted marks what was refused: a renewal is worth a short wait.
	doubted bool

	// After a renewal that failed:
	failure error
	retry   time.Time // no earlier
	pauses  *backoff.ExponentialBackOff

	generations [][]secret.Value // the newest last
	redactor    secret.Redactor
}

// flight is a renewal under way.
type flight struct {
	patience time.Time     // until when a caller waits that has a credential
	done     chan struct{} // closed once it has ended
}

// New returns the Renewer for an account. It makes no call.
func New(options Options, host Host) *Renewer {
	host = host.withDefaults()
	return NewRenewer(options.provider(host), host)
}

// NewRenewer returns a Renewer for a way of its caller's.
func NewRenewer(provider Provider, host Host) *Renewer {
	host = host.withDefaults()
	base, cancel := context.WithCancel(context.Background())
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, longestPause
	r := &Renewer{
		provider: provider, host: host, base: base, cancel: cancel, pauses: pauses, retrieving: make(chan struct{}, 1),
		failures: errorlog.NewKind(host.Log, "Credential could not be renewed; the one before still serves"),
	}
	switch provider := provider.(type) {
	case static:
		r.hold(Values(provider))
	case inFiles, profile:
		r.local = true
	}
	return r
}

// Close ends a renewal under way and waits for it. Get keeps returning what is
// valid.
func (r *Renewer) Close() {
	r.mu.Lock()
	r.cancel()
	r.mu.Unlock()
	r.renewals.Wait()
}

// Get returns the credential that is valid now. It begins a renewal where one is
// due. It waits for it until ctx ends if nothing valid is there, and for a second at
// the most if that is read from files or was refused. The error is that of the last
// renewal.
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

// Held returns the credential as it is, without a renewal. It may have expired.
func (r *Renewer) Held() Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

// Refused takes down that the cloud did not take a credential. One that expires
// is renewed, though its time has not come: the cloud may have ended it. If the
// renewal fails it goes on serving, for another region may still take it. One that
// was just handed out is not renewed, for another would fare no better.
func (r *Renewer) Refused(values Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.host.Now()
	if !r.held.Expires.IsZero() && r.held.Equal(values) && now.Sub(r.since) >= longestPause {
		r.due, r.doubted = now, true
	}
}

// Redactor replaces the secrets of this credential, those of the generations of
// before, and those that they were got with.
func (r *Renewer) Redactor() secret.Redactor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.redactor
}

// errNone says that there is no credential, and no failure either.
var errNone = errors.New("no credential: none was renewed before the exporter ended")

// now returns what is valid now, or why there is nothing.
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

// valid is called with the lock held.
func (r *Renewer) valid() bool {
	return !r.held.Equal(Values{}) && (r.held.Expires.IsZero() || r.host.Now().Before(r.held.Expires))
}

// board returns the renewal to wait for, a new one if it is time for it, or nil.
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

// serves reports whether what is held serves as well as what a renewal may bring.
// It is called with the lock held.
func (r *Renewer) serves() bool { return r.valid() && !r.local && !r.doubted }

func (r *Renewer) renew(flight *flight) {
	defer r.renewals.Done()
	defer close(flight.done)
	values, err := r.retrieve()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flight = nil
	switch {
	case r.base.Err() != nil: // what was canceled because the renewer closes is no failure
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

// pause returns how long no renewal begins after one that failed.
func (r *Renewer) pause() time.Duration {
	if r.local {
		return rereadAfter
	}
	return r.pauses.NextBackOff()
}

// hold makes a credential the one that is handed out. It is called with the lock
// held.
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
		// At random, so that a thousand accounts that begin together do not renew
		// together.
		life := values.Expires.Sub(now)
		r.due = now.Add(life/2 + rand.N(life/4+1))
	default:
		r.due = time.Time{}
	}
}
