package credential

// NewRenewer returns a Renewer for a provider of the test.
func NewRenewer(provider provider, host Host) *Renewer {
	return newRenewer(provider, host.withDefaults())
}
