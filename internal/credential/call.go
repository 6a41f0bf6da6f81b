package credential

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"datahub_exporter/internal/secret"
)

// A Call describes one call that was made for a credential.
type Call struct {
	Action   string // AssumeRole, AssumeRoleWithWebIdentity or CvmRole
	Duration time.Duration
	Err      error // an *APIError, an error of Host.Transport, or nil
}

// An APIError is an error in the cloud's response.
type APIError struct {
	// Code is the cloud's, such as "AuthFailure.SecretIdNotFound". Code, Message
	// and RequestID are one clean line each, with secrets redacted.
	Code, Message, RequestID string
}

// Error returns the code and the message in one line.
func (e *APIError) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// ErrExpired is the error for a credential that had expired when it was received.
var ErrExpired = errors.New("the credential received has already expired; set this machine's clock")

var (
	// errNoCredential is for a response with neither a credential nor an error.
	errNoCredential = errors.New("the response has no credential; check that it comes from the cloud")
	errNoExpiry     = errors.New("the response does not say when the credential expires; check that it comes from the cloud")
)

// caller makes calls and reports them.
type caller struct {
	transport http.RoundTripper
	onCall    func(Call)
}

// do makes a call and reports it.
func (c caller) do(action string, call func() error) error {
	begin := time.Now()
	err := call()
	c.onCall(Call{Action: action, Duration: time.Since(begin), Err: err})
	return err
}

// session is a temporary credential, as encoded by STS and the metadata service.
type session struct {
	ID    string `json:"TmpSecretId"`
	Key   string `json:"TmpSecretKey"`
	Token string `json:"Token"`
}

// values validates a session that expires at a Unix time and returns its values.
func (s session) values(expires int64, now time.Time) (Values, error) {
	end := time.Unix(expires, 0)
	switch {
	case !bare.MatchString(s.ID), !bare.MatchString(s.Key), !bare.MatchString(s.Token):
		return Values{}, errNoCredential
	case expires == 0:
		return Values{}, errNoExpiry
	case !end.After(now):
		return Values{}, ErrExpired
	}
	return Values{ID: secret.New(s.ID), Key: secret.New(s.Key), Token: secret.New(s.Token), Expires: end}, nil
}
