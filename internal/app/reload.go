package app

import (
	"context"
	"log/slog"
	"os"
	"sync"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// A reloader reads the configuration again and applies it to the sources. A
// configuration that is refused changes nothing.
type reloader struct {
	read    func(context.Context) (accounts []ckafka.Account, note string, err error)
	api     *ckafka.API
	sources *source.Set
	self    *instrument.Self
	log     *slog.Logger

	mu sync.Mutex // one reload at a time
}

// reload returns a note of what in the configuration needs a restart; it may be
// empty.
func (r *reloader) reload(ctx context.Context) (note string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	accounts, note, err := r.read(ctx)
	if err != nil {
		r.self.Reloaded(false)
		r.log.Error("Configuration refused; the previous one is still in use", "err", err)
		return "", err
	}
	listers := r.api.Listers(accounts)
	r.self.SetTargets(listers)
	r.sources.Reload(listers)
	r.self.Reloaded(true)
	r.log.Info("Configuration reloaded", "accounts", len(accounts))
	if note != "" {
		r.log.Warn(note)
	}
	return note, nil
}

// reloadOnSignal reloads at each signal until ctx ends or stop is called, which waits
// for a reload in progress.
func (r *reloader) reloadOnSignal(ctx context.Context, signals <-chan os.Signal) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var loop sync.WaitGroup
	loop.Go(func() {
		for {
			select {
			case <-signals:
				_, _ = r.reload(ctx) // which logs how it went
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		loop.Wait()
	}
}
