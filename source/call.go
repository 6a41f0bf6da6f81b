package source

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
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
func (s *Source) call(ctx context.Context, offset int64, flight *flight) (Page, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.Multiplier = s.options.RetryPause, 2
	var failure *Error
	try := func() (Page, error) {
		page, latest := s.try(ctx, offset, flight)
		if latest == nil {
			return page, nil
		}
		// Prefer the earlier failure: a deadline error says less.
		if failure == nil || latest.Class != Timeout {
			failure = latest
		}
		if !latest.Retryable() {
			return Page{}, backoff.Permanent(latest)
		}
		return Page{}, latest
	}
	page, err := backoff.Retry(ctx, try, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries))
	if err != nil {
		return Page{}, failure
	}
	return page, nil
}

// try makes one call and reports it.
func (s *Source) try(ctx context.Context, offset int64, flight *flight) (page Page, failure *Error) {
	release, failure := s.admit(ctx, flight)
	if failure != nil {
		return Page{}, failure
	}
	defer release()
	flight.calls.Add(1)
	begin := time.Now()
	page, failure = listSafely(ctx, flight.lister.List, offset)
	s.quota.release(failure)
	s.options.OnCall(CallReport{Target: s.target, Code: failure.CallCode(), Duration: time.Since(begin)})
	return page, failure
}

// admit waits until a call may start. After a nil error the caller must call release.
// It waits for the credential and the quota first, so that a call that waits for them
// does not count against MaxCalls.
func (s *Source) admit(ctx context.Context, flight *flight) (release func(), failure *Error) {
	if flight.lister.Ready != nil {
		if err := flight.lister.Ready(ctx); err != nil {
			return nil, classify(ctx, err)
		}
	}
	if err := s.quota.acquire(ctx); err != nil {
		return nil, classify(ctx, err)
	}
	if err := s.options.inFlight.Acquire(ctx, 1); err != nil {
		failure = &Error{
			Class: Timeout, Cause: err,
			Message: fmt.Sprintf("no call could start before the deadline of the refresh, with at most %d calls in flight", MaxCalls),
		}
		s.quota.release(failure)
		return nil, failure
	}
	free := sync.OnceFunc(func() { s.options.inFlight.Release(1) })
	timer := time.AfterFunc(maxHold, free)
	return func() {
		timer.Stop()
		free()
	}, nil
}

// listSafely makes one call and turns a panic on hostile input into a failure. The
// messages of the Go runtime contain only types and numbers; any other value may quote
// the response, so only its type is shown.
func listSafely(ctx context.Context, list List, offset int64) (page Page, failure *Error) {
	defer func() {
		if cause := recover(); cause != nil {
			what := fmt.Sprintf("%T", cause)
			if own, ok := cause.(runtime.Error); ok {
				what = own.Error()
			}
			failure = &Error{Class: Decode, Message: "panic on an answer: " + what}
		}
	}()
	page, err := list(ctx, offset)
	if err != nil {
		return Page{}, classify(ctx, err)
	}
	return page, nil
}
