package credential

import (
	"reflect"
	"time"

	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/secret"
)

// The sources of a credential, as named in the log.
const (
	fromConfig      = "config"   // secret_id and secret_key
	fromFiles       = "files"    // secret_id_file and secret_key_file
	fromEnvironment = "env"      // TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY
	fromProfile     = "profile"  // the profile file of the SDKs
	fromPod         = "tke_oidc" // a role of the pod's service account
	fromMachine     = "cvm_role" // the role of the virtual machine

	// andRole is added if a role is assumed with that credential.
	andRole = "+role_arn"
)

// DefaultDuration is how long the cloud's temporary credentials are valid unless
// another duration is requested. MaxDuration is the longest that the cloud grants.
const (
	DefaultDuration = 2 * time.Hour
	MaxDuration     = 12 * time.Hour
)

// MinDuration leaves time to renew a credential between two scrapes.
const MinDuration = 5 * time.Minute

// Options say where an account's credential comes from. The first of these that is
// set is used: SecretID, SecretIDFile, what Resolve finds, and finally the role of
// the virtual machine. Options are plain values: two that are equal mean the same.
type Options struct {
	SecretID, SecretKey, Token secret.Value

	// SecretIDFile, SecretKeyFile and TokenFile are names of files with one value
	// each; TokenFile may be empty.
	SecretIDFile, SecretKeyFile, TokenFile string

	// Role is assumed with the credential above; the zero value means no role.
	Role Role
	// STS is where roles are assumed; the zero value follows the network of API.
	STS endpoint.Endpoint
	// API is the endpoint of the CKafka API.
	API endpoint.Endpoint

	// found is what Resolve found.
	found found
}

// A Role is a role to assume.
type Role struct {
	ARN        string
	ExternalID secret.Value  // empty if there is none
	Duration   time.Duration // 0 means DefaultDuration
}

// Equal reports whether both have the same credential from the same source.
func (o Options) Equal(other Options) bool { return reflect.DeepEqual(o, other) }

// Static returns the options for a known credential.
func Static(id, key, token string) Options {
	return Options{SecretID: secret.New(id), SecretKey: secret.New(key), Token: secret.New(token)}
}

// Source returns the source of the credential, as named in the log.
func (o Options) Source() string {
	if o.Role.ARN != "" {
		return o.base() + andRole
	}
	return o.base()
}

func (o Options) base() string {
	switch {
	case o.SecretID.Reveal() != "":
		return fromConfig
	case o.SecretIDFile != "":
		return fromFiles
	case o.found.source != "":
		return o.found.source
	}
	return fromMachine
}
