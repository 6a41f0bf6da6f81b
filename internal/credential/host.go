package credential

import (
	"log/slog"
	"net/http"
	"time"
)

// Host is what a Renewer needs from its user.
type Host struct {
	// Transport sends requests to STS and to the metadata service. It refuses a
	// status other than 200 and a body that is too large. Its errors are safe to
	// log: they contain no text from a peer.
	Transport http.RoundTripper
	// Now is the clock by which credentials expire; nil means time.Now.
	Now func() time.Time
	// Log gets a line, once a minute, for renewals that fail while the previous
	// credential is still valid; nil discards the lines.
	Log *slog.Logger
	// Passing reports whether a call to STS that failed with an error may succeed a
	// moment later; nil means that none may.
	Passing func(error) bool
	// OnCall, if set, is called after each call. It must not block.
	OnCall func(Call)
}

func (h Host) withDefaults() Host {
	if h.Now == nil {
		h.Now = time.Now
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if h.Passing == nil {
		h.Passing = func(error) bool { return false }
	}
	if h.OnCall == nil {
		h.OnCall = func(Call) {}
	}
	return h
}
