package credential

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/secret"
)

// The calls made for a credential, as named in Call.Action.
const (
	AssumeRole    = "AssumeRole"
	AssumePodRole = "AssumeRoleWithWebIdentity"
	MachineRole   = "CvmRole"
)

// An Exchange sends a request once and returns the body of the response, limited in
// size, if the status is 200. It follows no redirects. Its error is safe to log: it
// contains nothing that a peer wrote.
type Exchange func(*http.Request) ([]byte, error)

// A Call describes one call that was made for a credential.
type Call struct {
	Action   string
	Duration time.Duration
	Err      error // an *APIError, an error of the Exchange, or nil
}

// An APIError is an error in the cloud's response.
type APIError struct {
	// Code is the cloud's, such as "AuthFailure.SecretIdNotFound". Code, Message
	// and RequestID are one clean line each, with secrets redacted.
	Code, Message, RequestID string
}

// Error returns the code and the message in one line.
func (e *APIError) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// errNoCredential is the error for a response that has neither a credential nor an
// error.
var errNoCredential = errors.New("answer holds no credential; check that it is the cloud that answers")

// wire makes calls and reports them.
type wire struct {
	exchange Exchange
	onCall   func(Call)
}

// call sends the request and passes the body to decode.
func (w wire) call(action string, request *http.Request, decode func([]byte) error) error {
	begin := time.Now()
	body, err := w.exchange(request)
	if err == nil {
		err = decode(body)
	}
	w.onCall(Call{Action: action, Duration: time.Since(begin), Err: err})
	return err
}

// session is a temporary credential, as encoded by STS and the metadata service.
type session struct {
	ID      string `json:"TmpSecretId"`
	Key     string `json:"TmpSecretKey"`
	Token   string `json:"Token"`
	Expires int64  `json:"-"` // Unix seconds
}

// values validates a session and returns its values. Errors of the JSON library may
// quote the response, so they are dropped.
func (s session) values(now time.Time) (Values, error) {
	expires := time.Unix(s.Expires, 0)
	switch {
	case !visible.MatchString(s.ID), !visible.MatchString(s.Key), !visible.MatchString(s.Token):
		return Values{}, errNoCredential
	case !expires.After(now):
		return Values{}, errors.New("the credential that was handed out has expired already; set this machine's clock")
	}
	return Values{ID: secret.New(s.ID), Key: secret.New(s.Key), Token: secret.New(s.Token), Expires: expires}, nil
}

// decodeSTS returns the session in a response of STS, or its error, with the
// secrets that it may repeat redacted.
func decodeSTS(body []byte, own secret.Redactor) (session, error) {
	var answer struct {
		Response struct {
			Credentials session
			ExpiredTime int64
			Error       struct{ Code, Message string }
			RequestID   string `json:"RequestId"`
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return session{}, errNoCredential
	}
	response := answer.Response
	if response.Error.Code != "" {
		clean := func(text string) string { return logging.Clean(own.Redact(text)) }
		return session{}, &APIError{Code: clean(response.Error.Code), Message: clean(response.Error.Message), RequestID: clean(response.RequestID)}
	}
	response.Credentials.Expires = response.ExpiredTime
	return response.Credentials, nil
}
