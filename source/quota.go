package source

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// quotaWindow is the length of the window in which the API counts calls.
	quotaWindow = time.Second
	// DefaultQPS is the API's documented quota: 20 calls a second for each
	// account, region and action.
	DefaultQPS = 20
)

// quota admits at most qps calls in any window of one second, as the API counts
// them, and at most qps calls at once.
//
// The API counts a call when it arrives, which is some time between its start and
// its end. So a call's slot becomes free again a whole window after the call's end:
// whatever the network does, the API sees two calls that use the same slot more
// than a window apart. A token bucket would let twice the quota through in its
// first second.
//
// If the API throttles all the same (others use up the account's quota, too), all
// calls pause for a window. Then they are spaced out; the spacing doubles with each
// further refusal and halves with each success.
type quota struct {
	qps   int
	slots chan time.Time // earliest time at which each free slot may be used

	mu sync.Mutex
	// paused is until when no call starts after a refusal, next is the earliest
	// start of the next call, and spacing is the time from that to the call after
	// it. All are zero until the API throttles.
	paused, next time.Time
	spacing      time.Duration
}

func newQuota(qps int) *quota {
	q := &quota{qps: qps, slots: make(chan time.Time, qps)}
	for range qps {
		q.slots <- time.Time{}
	}
	return q
}

// acquire waits until a call may start. After a nil error the caller must call
// release. A caller that gives up leaves nothing behind, because it takes its turn
// only when it starts.
func (q *quota) acquire(ctx context.Context) error {
	var free time.Time
	select {
	case free = <-q.slots:
	case <-ctx.Done():
		return q.exhausted(ctx)
	}
	for start := q.begin(free); !start.IsZero(); start = q.begin(free) {
		if !sleepUntil(ctx, start) {
			q.slots <- free
			return q.exhausted(ctx)
		}
	}
	return nil
}

// sleepUntil returns false if ctx ended first.
func sleepUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (q *quota) exhausted(ctx context.Context) error {
	return &Error{
		Class:   Timeout,
		Message: fmt.Sprintf("no call could start before the deadline of the refresh, with at most %d calls a second", q.qps),
		Cause:   ctx.Err(),
	}
}

// begin starts a call whose slot is free from a given time on, and returns zero; or
// it returns when to try again.
func (q *quota) begin(free time.Time) (retry time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	start, now := free, time.Now()
	if q.next.After(start) {
		start = q.next
	}
	if now.Before(start) {
		return start
	}
	if q.spacing > 0 {
		q.next = now.Add(q.spacing)
	}
	return time.Time{}
}

// release ends a call, whose error may be nil.
func (q *quota) release(err *Error) {
	q.slots <- time.Now().Add(quotaWindow)
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err == nil:
		q.spacing /= 2
		if q.spacing < quotaWindow/time.Duration(q.qps) {
			q.spacing = 0
		}
	case err.Class == Throttled:
		q.slowDown(time.Now())
	}
}

// slowDown must be called with the lock held. Refusals at about the same time count
// as one: their calls were in flight together.
func (q *quota) slowDown(now time.Time) {
	if now.Before(q.paused) {
		return
	}
	q.paused = now.Add(quotaWindow)
	if q.next.Before(q.paused) {
		q.next = q.paused
	}
	q.spacing = min(max(2*q.spacing, 2*quotaWindow/time.Duration(q.qps)), quotaWindow)
}
