package logging

import (
	"log/slog"
	"sync"
	"time"
)

// repeatInterval is how often something that stays the same is logged.
const repeatInterval = time.Minute

// Repeats is something that repeats: it is logged at once, then at most once a minute.
// The zero value has not been logged yet. It is not safe for concurrent use.
type Repeats struct {
	logged time.Time
	silent int // how often it was not logged since then
}

// Due reports whether to log it now, and how often it was not since the last time.
func (r *Repeats) Due(now time.Time) (silent int, due bool) {
	if !r.logged.IsZero() && now.Sub(r.logged) < repeatInterval {
		r.silent++
		return 0, false
	}
	silent = r.silent
	r.logged, r.silent = now, 0
	return silent, true
}

// Changed makes it due at once, because it is not quite the same any more.
func (r *Repeats) Changed() { r.logged = time.Time{} }

// A RepeatLimiter logs errors that repeat: the first at once, then at most one a
// minute, with the number of those left out. It is safe for concurrent use.
type RepeatLimiter struct {
	log     *slog.Logger
	message string

	mu      sync.Mutex
	repeats Repeats // zero after Succeeded
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
	if silent, due := l.repeats.Due(time.Now()); due {
		l.log.With("err", Clean(err.Error())).With(attributes...).Warn(l.message, "not_logged", silent)
	}
}

// Succeeded logs the message if something failed before, and resets the limiter.
func (l *RepeatLimiter) Succeeded(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.repeats.logged.IsZero() {
		l.log.Info(message, "not_logged", l.repeats.silent)
	}
	l.repeats = Repeats{}
}
