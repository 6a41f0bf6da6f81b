package instrument

import (
	"context"
	"errors"
	"sync"
)

// Shutdowns are things with a provider to shut down.
type Shutdowns []interface {
	Shutdown(ctx context.Context) error
}

// Shutdown shuts all of them down concurrently: if a collector does not answer,
// each takes until ctx ends.
func (s Shutdowns) Shutdown(ctx context.Context) error {
	failures := make([]error, len(s))
	var ending sync.WaitGroup
	for i, each := range s {
		ending.Go(func() { failures[i] = each.Shutdown(ctx) })
	}
	ending.Wait()
	return errors.Join(failures...)
}
