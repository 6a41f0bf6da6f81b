package logging

import (
	"log/slog"
	"sync"
	"time"
)

// RepeatInterval is how often something that stays the same is logged.
const RepeatInterval = time.Minute

// A RepeatLimiter logs errors that repeat: the first at once, then at most one a
// minute, with the number of those left out. It is safe for concurrent use.
type RepeatLimiter struct {
	log     *slog.Logger
	message string

	mu     sync.Mutex
	logged time.Time // when the last error was logged; zero after Succeeded
	silent int       // errors since then that were not logged
}

// NewRepeatLimiter returns a RepeatLimiter that logs its errors with this message.
func NewRepeatLimiter(log *slog.Logger, message string) *RepeatLimiter {
	return &RepeatLimiter{log: log, message: message}
}

// Failed logs err, cleaned and cut, or counts it for the next line if one was
// logged less than a minute ago. The keys and values of attributes follow in the
// line.
func (l *RepeatLimiter) Failed(err error, attributes ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.logged.IsZero() && now.Sub(l.logged) < RepeatInterval {
		l.silent++
		return
	}
	l.log.With("err", Clean(err.Error())).With(attributes...).Warn(l.message, "not_logged", l.silent)
	l.logged, l.silent = now, 0
}

// Succeeded logs the message if something failed before, and resets the limiter.
func (l *RepeatLimiter) Succeeded(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.logged.IsZero() {
		return
	}
	l.log.Info(message, "not_logged", l.silent)
	l.logged, l.silent = time.Time{}, 0
}
