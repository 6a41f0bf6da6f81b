package instrument

import (
	"context"
	"errors"
	"sync"

	"datahub_exporter/source"
)

// Bridge is all that is exposed: the exporter itself, and the items of each kind
// over the sources of all accounts and regions.
type Bridge struct {
	Self        *Self
	Expositions []*Exposition

	push   *Push
	errors *ErrorLog
}

// NewBridge exposes the exporter itself, and pushes unless push is nil. The
// bridge is ended by Shutdown.
func NewBridge(push *Push, errors *ErrorLog) (*Bridge, error) {
	self, err := NewSelf(push, errors)
	if err != nil {
		return nil, err
	}
	return &Bridge{Self: self, push: push, errors: errors}, nil
}

// Expose adds an exposition for each kind over those of the sources that list it.
func (b *Bridge) Expose(sources []*source.Source) error {
	for _, kind := range Kinds() {
		var ofKind []Source
		for _, source := range sources {
			if source.Target().Action == kind.Action {
				ofKind = append(ofKind, source)
			}
		}
		exposition, err := NewExposition(kind, ofKind, b.push, b.errors)
		if err != nil {
			return err
		}
		b.Expositions = append(b.Expositions, exposition)
	}
	return nil
}

// Shutdown pushes once more, if it pushes, and ends the providers concurrently:
// with a collector that does not answer each lasts as long as ctx.
func (b *Bridge) Shutdown(ctx context.Context) error {
	failures := make([]error, len(b.Expositions)+1)
	var ending sync.WaitGroup
	ending.Go(func() { failures[0] = b.Self.Shutdown(ctx) })
	for i, exposition := range b.Expositions {
		ending.Go(func() { failures[i+1] = exposition.Shutdown(ctx) })
	}
	ending.Wait()
	return errors.Join(failures...)
}
