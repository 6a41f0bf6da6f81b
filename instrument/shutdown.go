package instrument

import (
	"context"
	"errors"
	"sync"
)

// Shutdowns are what has a provider to shut down.
type Shutdowns []interface {
	Shutdown(ctx context.Context) error
}

// Shutdown shuts all of them down concurrently: with a collector that does not
// answer, each lasts as long as ctx.
func (s Shutdowns) Shutdown(ctx context.Context) error {
	failures := make([]error, len(s))
	var ending sync.WaitGroup
	for i, each := range s {
		ending.Go(func() { failures[i] = each.Shutdown(ctx) })
	}
	ending.Wait()
	return errors.Join(failures...)
}
