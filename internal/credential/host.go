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
	// log: they contain nothing that a peer wrote.
	Transport http.RoundTripper
	// Now is the clock by which credentials expire; nil means time.Now.
	Now func() time.Time
	// Timeout limits one renewal; 0 means DefaultTimeout.
	Timeout time.Duration
	// Log gets a line, once a minute, for renewals that fail while the previous
	// credential is still valid; nil discards the lines.
	Log *slog.Logger
	// OnCall, if set, is called after each call. It must not block.
	OnCall func(Call)
}

func (h Host) withDefaults() Host {
	if h.Now == nil {
		h.Now = time.Now
	}
	if h.Timeout == 0 {
		h.Timeout = DefaultTimeout
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if h.OnCall == nil {
		h.OnCall = func(Call) {}
	}
	return h
}

// provider returns the provider for Options.Source.
func (o Options) provider(host Host) Provider {
	caller := caller{transport: host.Transport, onCall: host.OnCall}
	sts := sts{caller: caller, endpoint: o.stsEndpoint(), now: host.Now}
	var base Provider
	switch o.base() {
	case InConfiguration:
		base = static{ID: o.SecretID, Key: o.SecretKey, Token: o.Token}
	case InFiles:
		base = keyFiles{id: o.SecretIDFile, key: o.SecretKeyFile, token: o.TokenFile}
	case InEnvironment:
		base = static(o.found.environment)
	case InProfile:
		base = profile(o.found.profile)
	case OfPod:
		base = serviceAccountRole{sts: sts, pod: o.found.pod}
	default:
		base = machineRole{caller: caller, now: host.Now}
	}
	if o.Role.ARN == "" {
		return base
	}
	return assumedRole{sts: sts, base: base, role: o.Role}
}
