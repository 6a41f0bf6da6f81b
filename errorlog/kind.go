package errorlog

import (
	"log/slog"
	"sync"
	"time"

	"datahub_exporter/textline"
)

// interval is how often the errors of one kind are logged.
const interval = time.Minute

// Kind logs the errors of one kind. It is safe for concurrent use.
type Kind struct {
	log     *slog.Logger
	message string

	mu     sync.Mutex
	logged time.Time // when the last error was logged; zero after Succeeded
	silent int       // errors since then that were not logged
}

// NewKind returns a Kind that logs its errors with this message.
func NewKind(log *slog.Logger, message string) *Kind {
	return &Kind{log: log, message: message}
}

// Failed logs err, cleaned and cut, or counts it for the next line if one was
// logged less than a minute ago. The keys and values of beside follow in the line.
func (k *Kind) Failed(err error, beside ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if !k.logged.IsZero() && now.Sub(k.logged) < interval {
		k.silent++
		return
	}
	k.log.With("err", textline.Clean(err.Error())).With(beside...).Warn(k.message, "not_logged", k.silent)
	k.logged, k.silent = now, 0
}

// Succeeded logs the message if something failed before, and resets the Kind.
func (k *Kind) Succeeded(message string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.logged.IsZero() {
		return
	}
	k.log.Info(message, "not_logged", k.silent)
	k.logged, k.silent = time.Time{}, 0
}
