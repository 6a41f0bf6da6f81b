package credential

import (
	"reflect"
	"time"

	"datahub_exporter/endpoint"
	"datahub_exporter/secret"
)

// The ways to hold a credential, as the log names them.
const (
	InConfiguration = "config"   // secret_id and secret_key
	InFiles         = "files"    // secret_id_file and secret_key_file
	InEnvironment   = "env"      // TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY
	InProfile       = "profile"  // the profile file of the SDKs
	OfPod           = "tke_oidc" // a role of the pod's service account
	OfMachine       = "cvm_role" // the role of the virtual machine

	// andRole follows one of them where a role is assumed with it.
	andRole = "+role_arn"
)

// DefaultDuration is how long the cloud's temporary credentials are valid unless
// another time is asked for, MaxDuration the longest that it grants.
const (
	DefaultDuration = 2 * time.Hour
	MaxDuration     = 12 * time.Hour
)

// MinDuration leaves time to renew a credential between two scrapes.
const MinDuration = 5 * time.Minute

// Options say how an account's credential is held. What they name counts in this
// order: SecretID, SecretIDFile, what Resolve finds, and at last the role of the
// virtual machine. They are plain values: two that are equal mean the same.
type Options struct {
	SecretID, SecretKey, Token secret.Value

	// SecretIDFile, SecretKeyFile and TokenFile name files that hold one value
	// each; TokenFile may be empty.
	SecretIDFile, SecretKeyFile, TokenFile string

	// Role is assumed with the above; zero is none.
	Role Role
	// STS is where roles are assumed; zero follows the network of API.
	STS endpoint.Endpoint
	// API is where the CKafka API is reached.
	API endpoint.Endpoint

	// found is what Resolve found.
	found found
}

// A Role is what is assumed.
type Role struct {
	ARN        string
	ExternalID secret.Value  // empty for none
	Duration   time.Duration // 0 is DefaultDuration
}

// Equal reports whether both hold the same credential in the same way.
func (o Options) Equal(other Options) bool { return reflect.DeepEqual(o, other) }

// Static returns the options for a credential that is known.
func Static(id, key, token string) Options {
	return Options{SecretID: secret.New(id), SecretKey: secret.New(key), Token: secret.New(token)}
}

// Way returns how the credential is held, in words for the log.
func (o Options) Way() string {
	if o.Role.ARN != "" {
		return o.base() + andRole
	}
	return o.base()
}

func (o Options) base() string {
	switch {
	case o.SecretID.Reveal() != "":
		return InConfiguration
	case o.SecretIDFile != "":
		return InFiles
	case o.found.way != "":
		return o.found.way
	}
	return OfMachine
}
