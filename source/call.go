package source

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/semaphore"
)

// A call is tried up to maxTries times, with pauses of about 0.2, 0.4 and 0.8 s.
// That bridges a short outage, and a longer one still fails while the scrape is
// waiting.
const (
	maxTries          = 4
	defaultRetryPause = 200 * time.Millisecond
)

// MaxCalls is the maximum number of calls in flight, of all targets together. At 50 ms a
// call, it queries a thousand targets in a quarter of a second. Measured with a
// thousand targets that have a full page each, it takes 211 descriptors and 7.0 s of
// CPU time; without a limit, 1,009 descriptors, all that a process usually has, and
// 7.9 s. A limit of 50 saves nothing more.
const MaxCalls = 200

// maxHold is how long a call counts against MaxCalls. A thousand calls that hang make
// the others wait for some seconds at most, not until their deadline.
const maxHold = time.Second

// CallReport describes one call to the API, a first try or a retry, or one call for
// an account's credential.
type CallReport struct {
	// Target of a call for a credential has no region, and the name of that call as
	// its action.
	Target Target
	// Code is "OK", the API's error code, "other" for a code that does not have the
	// form of the API's codes, the class of an error without a code, or "canceled"
	// for a call that was canceled because another page had failed.
	Code     string
	Duration time.Duration
}

// call fetches one page, within the quota, and retries failures that may be
// transient.
func (s *Source) call(ctx context.Context, offset int64, flight *flight) (page Page, err error) {
	caller := caller{s.target, s.quota, flight.lister.Ready, s.options.inFlight, &s.options}
	failure := caller.call(ctx, func(ctx context.Context) (err error) {
		flight.calls.Add(1)
		page, err = flight.lister.List(ctx, offset)
		return err
	})
	if failure != nil {
		return Page{}, failure
	}
	return page, nil
}

// A caller makes calls for an action.
type caller struct {
	target   Target
	quota    *quota
	ready    func(ctx context.Context) error // see Lister.Ready
	inFlight *semaphore.Weighted             // nil for calls that are not limited by it
	options  *Options
}

// call makes a call, within the quota, and retries failures that may be transient.
func (c caller) call(ctx context.Context, do func(context.Context) error) *Error {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.Multiplier = c.options.RetryPause, 2
	var failure *Error
	try := func() (struct{}, error) {
		latest := c.try(ctx, do)
		if latest == nil {
			return struct{}{}, nil
		}
		// Prefer the earlier failure: a deadline error says less.
		if failure == nil || latest.Class != Timeout {
			failure = latest
		}
		if !latest.Retryable() {
			return struct{}{}, backoff.Permanent(latest)
		}
		return struct{}{}, latest
	}
	if _, err := backoff.Retry(ctx, try, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries)); err != nil {
		return failure
	}
	return nil
}

// try makes one call and reports it.
func (c caller) try(ctx context.Context, do func(context.Context) error) *Error {
	release, failure := c.admit(ctx)
	if failure != nil {
		return failure
	}
	defer release()
	begin := time.Now()
	failure = safely(ctx, do)
	c.quota.release(failure)
	c.options.OnCall(CallReport{Target: c.target, Code: failure.CallCode(), Duration: time.Since(begin)})
	return failure
}

// admit waits until a call may start. After a nil error the caller must call release.
// It waits for the credential and the quota first, so that a call that waits for them
// does not count against MaxCalls.
func (c caller) admit(ctx context.Context) (release func(), failure *Error) {
	if c.ready != nil {
		if err := c.ready(ctx); err != nil {
			return nil, classify(ctx, err)
		}
	}
	if err := c.quota.acquire(ctx); err != nil {
		return nil, classify(ctx, err)
	}
	if c.inFlight == nil {
		return func() {}, nil
	}
	if err := c.inFlight.Acquire(ctx, 1); err != nil {
		failure = &Error{
			Class: Timeout, Cause: err,
			Message: fmt.Sprintf("no call could start before the deadline of the refresh, with at most %d calls in flight", MaxCalls),
		}
		c.quota.release(failure)
		return nil, failure
	}
	free := sync.OnceFunc(func() { c.inFlight.Release(1) })
	timer := time.AfterFunc(maxHold, free)
	return func() {
		timer.Stop()
		free()
	}, nil
}

// safely makes one call and turns a panic on hostile input into a failure. The
// messages of the Go runtime contain only types and numbers; any other value may quote
// the response, so only its type is shown.
func safely(ctx context.Context, do func(context.Context) error) (failure *Error) {
	defer func() {
		if cause := recover(); cause != nil {
			what := fmt.Sprintf("%T", cause)
			if own, ok := cause.(runtime.Error); ok {
				what = own.Error()
			}
			failure = &Error{Class: Decode, Message: "panic on an answer: " + what}
		}
	}()
	if err := do(ctx); err != nil {
		return classify(ctx, err)
	}
	return nil
}
