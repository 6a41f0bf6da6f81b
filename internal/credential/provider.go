package credential

import "context"

// A provider is one source of a credential.
type provider interface {
	// Retrieve gets a new credential. It returns soon after ctx has ended, unless
	// it waits for a disk. Its error contains no secret and says what to do.
	Retrieve(ctx context.Context) (Values, error)
}

// provider returns the provider for Options.Source.
func (o Options) provider(host Host) provider {
	caller := caller{transport: host.Transport, onCall: host.OnCall}
	sts := sts{caller: caller, endpoint: o.stsEndpoint(), now: host.Now, passing: host.Passing}
	var base provider
	switch o.base() {
	case fromConfig:
		base = static{ID: o.SecretID, Key: o.SecretKey, Token: o.Token}
	case fromFiles:
		base = keyFiles{id: o.SecretIDFile, key: o.SecretKeyFile, token: o.TokenFile}
	case fromEnvironment:
		base = static(o.found.environment)
	case fromProfile:
		base = profile(o.found.profile)
	case fromPod:
		base = podRole{sts: sts, pod: o.found.pod}
	default:
		base = machineRole{caller: caller, now: host.Now}
	}
	if o.Role.ARN == "" {
		return base
	}
	return assumedRole{sts: sts, base: base, role: o.Role}
}

// static is a known credential.
type static Values

// Retrieve returns the credential.
func (s static) Retrieve(context.Context) (Values, error) { return Values(s), nil }
