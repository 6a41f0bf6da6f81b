package source

import (
	"fmt"
	"time"
)

// Cause says in plain words why the target could not be queried. It is empty if it
// could. Err.Remedy says what to do.
func (f Finding) Cause() string {
	switch e := f.Err; {
	case e == nil:
		return ""
	case e.Code == signatureExpired:
		return f.clockOff()
	case e.unsigned:
		return "there is no credential to ask with"
	case e.byProxy():
		return "a proxy is in the way"
	case e.unresolved():
		return "the host name cannot be resolved"
	case certificateFault(e.cause) != "":
		return "TLS is not the API's own: a proxy opens it, the endpoint is another host, or this machine's clock is off"
	case e.Code == "UnsupportedRegion":
		return fmt.Sprintf("the API knows no region %s, or not at this endpoint", f.Target.Region)
	case wrongKey[e.Code] != "":
		return wrongKey[e.Code]
	case e.Class == Server && e.final:
		return causes[Decode]
	default:
		return causes[e.Class]
	}
}

// clockOff says by how much the clock is off.
func (f Finding) clockOff() string {
	off, direction := f.Ahead, "ahead of"
	if off < 0 {
		off, direction = -off, "behind"
	}
	if off == 0 {
		return "the clock of this machine is off"
	}
	return fmt.Sprintf("the clock of this machine is %d s %s the API's", off/time.Second, direction)
}

// wrongKey says for an error code which part of the credential is wrong.
var wrongKey = map[string]string{
	"AuthFailure.SecretIdNotFound": "wrong key: the API does not know secret_id",
	"AuthFailure.SignatureFailure": "wrong key: secret_key is not that of secret_id",
	"AuthFailure.TokenFailure":     "wrong key: the token has expired or is not that of secret_id",
}

// causes has the cause of each class.
var causes = map[Class]string{
	Throttled:  "the account's quota is used up",
	Auth:       "wrong key",
	Permission: "the policy QcloudCkafkaReadOnlyAccess is missing",
	Parameter:  "the API refused a parameter of the call",
	Server:     "the API reported an internal error",
	Network:    "no whole answer arrived",
	Timeout:    "no whole answer arrived before --ckafka.timeout",
	Decode:     "what answers is not the API: a proxy is in the way, or endpoint is another server",
}
