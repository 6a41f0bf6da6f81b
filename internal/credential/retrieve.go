package credential

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// farewell is how long to wait for a renewal that was told to end. A call ends at
// once, but a read from a disk that does not respond may never end.
const farewell = time.Second

// retrieve gets a new credential. It gives up on a disk that does not respond, and
// does not read from it again until it has responded.
func (r *Renewer) retrieve() (Values, error) {
	ctx, cancel := context.WithTimeout(r.base, r.host.Timeout)
	defer cancel()
	select {
	case r.retrieving <- struct{}{}:
	default:
		return Values{}, fmt.Errorf("an earlier renewal has not ended; check the way to %s", origin(r.provider))
	}
	type result struct {
		values Values
		err    error
	}
	done := make(chan result, 1)
	go func() {
		values, err := r.guarded(ctx)
		<-r.retrieving // before the next renewal can begin
		done <- result{values, err}
	}()
	var have result
	select {
	case have = <-done:
	case <-ctx.Done():
		select {
		case have = <-done:
		case <-time.After(farewell):
			have.err = ctx.Err()
		}
	}
	if have.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		have.err = fmt.Errorf("renewal has not ended within %v; check the way to %s", r.host.Timeout, origin(r.provider))
	}
	return have.values, have.err
}

// guarded turns a panic on hostile input into a failed renewal.
func (r *Renewer) guarded(ctx context.Context) (values Values, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic (%T) on what %s answered; report it", cause, origin(r.provider))
		}
	}()
	return r.provider.Retrieve(ctx)
}

// origin returns where a credential comes from.
func origin(provider Provider) string {
	switch provider := provider.(type) {
	case inFiles, profile:
		return "the files"
	case machineRole:
		return "the metadata service of this machine"
	case assumed:
		if _, known := provider.with.(static); !known {
			return origin(provider.with) + " and to STS"
		}
	}
	return "STS"
}
