package source

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// MaxCalls is the maximum number of calls of all targets in flight at once. At
	// 50 ms a call, it queries a thousand targets in a quarter of a second.
	// Measured with a thousand targets that have a full page each, it takes 211
	// descriptors and 7.0 s of CPU time; without a limit, 1,009 descriptors, all
	// that a process usually has, and 7.9 s. A limit of 50 saves nothing more.
	MaxCalls = 200
	// placeHeld is how long a call holds its place. A thousand calls that hang make
	// the others wait for some seconds at most, not until their deadline.
	placeHeld = time.Second
)

// places limits the calls in flight over all targets, so that many targets with
// many pages do not open a connection for each page. A nil places sets no limit.
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
			Cause:   ctx.Err(),
		}
	}
	free := sync.OnceFunc(func() { <-p })
	timer := time.AfterFunc(placeHeld, free)
	return func() {
		timer.Stop()
		free()
	}, nil
}
