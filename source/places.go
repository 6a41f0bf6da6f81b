package source

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// maxCalls is how many calls of all targets are under way at once. At 50 ms a
	// call it asks a thousand targets in a quarter of a second. Measured with a
	// thousand that have a full page each, it takes 211 descriptors and 7.0 s of
	// processor; without a bound 1,009, all that a process usually has, and 7.9 s;
	// with 50 at once no less than with 200.
	maxCalls = 200
	// placeHeld is how long a call counts. A thousand calls that hang keep the
	// others waiting for some seconds at the most, and not until their deadline.
	placeHeld = time.Second
)

// places bound the calls at once over all targets, so that many targets with many
// pages do not open a connection for each page. A nil one bounds nothing.
type places chan struct{}

// enter waits for a place. After a nil error the caller must call leave.
func (p places) enter(ctx context.Context) (leave func(), err error) {
	if p == nil {
		return func() {}, nil
	}
	select {
	case p <- struct{}{}:
	case <-ctx.Done():
		return nil, &Error{
			Class:   Timeout,
			Message: fmt.Sprintf("no call left before the deadline of the refresh, with %d calls at once at the most", cap(p)),
			cause:   ctx.Err(),
		}
	}
	free := sync.OnceFunc(func() { <-p })
	timer := time.AfterFunc(placeHeld, free)
	return func() {
		timer.Stop()
		free()
	}, nil
}
