package cloudsim

import (
	"fmt"
	"time"
)

// Role is a role for which sessions are available.
type Role struct {
	// ARN is its name for AssumeRole and AssumeRoleWithWebIdentity.
	ARN string
	// ExternalID must be sent to assume the role with a credential, unless it is
	// "".
	ExternalID string
	// ProviderID and WebIdentityToken are those of the pod that may assume the role
	// without a credential; if they are "", no pod may.
	ProviderID, WebIdentityToken string
	// Machine is the name under which the metadata service hands it out, "" if it
	// is not the role of a machine.
	Machine string
	// Lifetime is how long its sessions last, whatever is requested; 0 means as
	// long as requested.
	Lifetime time.Duration
}

// machineLifetime is how long a session lasts if no duration is requested.
const machineLifetime = 2 * time.Hour

// key is a credential that the cloud knows.
type key struct {
	secretKey, token string
	expires          time.Time // zero: never
}

// Grant makes the cloud accept a credential, in addition to those that it accepts
// already or in place of one with the same SecretId.
func (s *Server) Grant(secretID, secretKey, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[secretID] = key{secretKey: secretKey, token: token}
}

// Revoke makes the cloud forget a credential.
func (s *Server) Revoke(secretID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, secretID)
}

// Sessions returns the SecretIds of all sessions that were handed out, in order.
func (s *Server) Sessions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, granted := range s.sessions {
		ids = append(ids, granted.secretID)
	}
	return ids
}

// session is a credential that was handed out.
type session struct {
	secretID string
	key
}

// handOut creates a session of the role. It must be called with the lock held.
func (s *Server) handOut(role Role, asked time.Duration, now time.Time) *session {
	if role.Lifetime != 0 {
		asked = role.Lifetime
	}
	number := len(s.sessions) + 1
	granted := &session{fmt.Sprintf("AKIDsession%08d", number), key{
		secretKey: fmt.Sprintf("SessionKey%08d", number),
		token:     fmt.Sprintf("SessionToken%08d", number),
		// The wire has whole seconds.
		expires: now.Add(asked).Truncate(time.Second),
	}}
	s.sessions = append(s.sessions, granted)
	s.keys[granted.secretID] = granted.key
	return granted
}

// wire returns the session as STS encodes it.
func (s *session) wire() map[string]any {
	return map[string]any{
		"Credentials": map[string]any{"TmpSecretId": s.secretID, "TmpSecretKey": s.secretKey, "Token": s.token},
		"ExpiredTime": s.expires.Unix(),
		"Expiration":  s.expires.UTC().Format(time.RFC3339),
	}
}

// metadata returns the session as the metadata service encodes it.
func (s *session) metadata() map[string]any {
	return map[string]any{
		"TmpSecretId": s.secretID, "TmpSecretKey": s.secretKey, "Token": s.token,
		"ExpiredTime": s.expires.Unix(), "Expiration": s.expires.UTC().Format(time.RFC3339), "Code": "Success",
	}
}
