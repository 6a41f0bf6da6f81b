package cloudsim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

const (
	roleARN   = "qcs::cam::uin/100000000001:roleName/monitor"
	wellAsked = `{"RoleArn":"` + roleARN + `","RoleSessionName":"test","DurationSeconds":600,"ExternalId":"e-1"}`
	podAsked  = `{"RoleArn":"` + roleARN + `","RoleSessionName":"test","DurationSeconds":600,"ProviderId":"cls-1","WebIdentityToken":"jwt-1"}`
)

// newSTS returns a cloud with one role.
func newSTS(t *testing.T) *cloud {
	t.Helper()
	return newCloud(t, func(o *cloudsim.Options) {
		o.Roles = []cloudsim.Role{{
			ARN: roleARN, ExternalID: "e-1", ProviderID: "cls-1", WebIdentityToken: "jwt-1", Machine: "monitor",
		}}
	})
}

// sessionOf is how STS and the metadata service describe a session.
type sessionOf struct {
	TmpSecretId, TmpSecretKey, Token string //nolint:revive // the wire's names
	Code                             string
	ExpiredTime                      int64
}

// ask sends a request and returns the status, the code of an error and the session.
func (c *cloud) ask(t *testing.T, r *http.Request) (status int, code string, session sessionOf) {
	t.Helper()
	response, err := c.http.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var decoded struct {
		sessionOf
		Response struct {
			Error       struct{ Code string }
			Credentials sessionOf
			ExpiredTime int64
		}
	}
	if len(body) > 0 && body[0] == '{' {
		if err := json.Unmarshal(body, &decoded); err != nil {
			t.Fatal(err)
		}
	} else {
		decoded.Code = string(body)
	}
	if decoded.Response.Credentials.Token != "" {
		decoded.sessionOf = decoded.Response.Credentials
		decoded.ExpiredTime = decoded.Response.ExpiredTime
	}
	return response.StatusCode, decoded.Response.Error.Code, decoded.sessionOf
}

// stsRequest returns a request to STS, signed unless the action takes no signature.
func (c *cloud) stsRequest(t *testing.T, action, body string) *http.Request {
	t.Helper()
	r := c.request(t.Context(), t, action, guangzhou, body)
	r.Header.Set("X-TC-Version", "2018-08-13")
	at := c.clock.Now()
	r.Header.Set("X-TC-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Authorization", "SKIP")
	if action == cloudsim.AssumeRole {
		r.Header.Set("Authorization", signing{
			id: testID, key: testKey, service: "sts", host: r.Host,
			contentType: "application/json", timestamp: at.Unix(), payload: body,
		}.authorization())
	}
	return r
}

func TestSTSRefuses(t *testing.T) {
	swap := strings.NewReplacer
	tests := map[string]struct {
		action, body string
		edit         func(*http.Request)
		want         string
	}{
		"nothing": {cloudsim.AssumeRole, wellAsked, nil, ""},
		"another external ID": {
			cloudsim.AssumeRole, swap("e-1", "e-2").Replace(wellAsked), nil, "UnauthorizedOperation",
		},
		"another role": {cloudsim.AssumeRole, swap("monitor", "root").Replace(wellAsked), nil, "InternalError.GetRoleError"},
		"no session name": {
			cloudsim.AssumeRole, swap(`"test"`, `""`).Replace(wellAsked), nil, "InvalidParameter.SessionNameError",
		},
		"13 hours": {cloudsim.AssumeRole, swap("600", "46800").Replace(wellAsked), nil, "InvalidParameter.OverTimeError"},
		"no JSON":  {cloudsim.AssumeRole, "{", nil, "InvalidParameter"},
		"another signature": {cloudsim.AssumeRole, wellAsked, func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+"0")
		}, "AuthFailure.SignatureFailure"},
		"a version of CKafka's": {cloudsim.AssumeRole, wellAsked, func(r *http.Request) {
			r.Header.Set("X-TC-Version", "2019-08-19")
		}, "NoSuchVersion"},
		"a pod, nothing": {cloudsim.AssumeRoleWithWebIdentity, podAsked, nil, ""},
		"a pod, another token": {
			cloudsim.AssumeRoleWithWebIdentity, swap("jwt-1", "jwt-2").Replace(podAsked), nil, "InvalidParameter.WebIdentityTokenError",
		},
		"a pod, another cluster": {
			cloudsim.AssumeRoleWithWebIdentity, swap("cls-1", "cls-2").Replace(podAsked), nil, "InternalError.GetRoleError",
		},
		"a pod that signs": {cloudsim.AssumeRoleWithWebIdentity, podAsked, func(r *http.Request) {
			r.Header.Set("Authorization", "TC3-HMAC-SHA256")
		}, "AuthFailure.InvalidAuthorization"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newSTS(t)
			r := c.stsRequest(t, test.action, test.body)
			if test.edit != nil {
				test.edit(r)
			}
			_, code, session := c.ask(t, r)
			if code != test.want || (session.Token == "") != (test.want != "") {
				t.Errorf("want %q, have %q and %+v", test.want, code, session)
			}
			if calls := c.Calls(test.action, ""); len(calls) != 1 || calls[0].Code != test.want {
				t.Errorf("have calls %+v", calls)
			}
		})
	}
}

// A session is accepted with its token until it expires, and not longer.
func TestSessionsAreTakenUntilTheyExpire(t *testing.T) {
	c := newSTS(t)
	_, _, session := c.ask(t, c.stsRequest(t, cloudsim.AssumeRole, wellAsked))
	if want := c.clock.Now().Add(10 * time.Minute).Unix(); session.ExpiredTime != want {
		t.Errorf("expires: want %d, have %d", want, session.ExpiredTime)
	}
	list := func(token string) string {
		const body = `{"Offset":0,"Limit":100}`
		r := c.request(t.Context(), t, tasks, guangzhou, body)
		r.Header.Set("X-TC-Token", token)
		at := c.clock.Now()
		r.Header.Set("Authorization", signing{
			id: session.TmpSecretId, key: session.TmpSecretKey, service: "ckafka", host: r.Host,
			contentType: "application/json", timestamp: at.Unix(), payload: body,
		}.authorization())
		return c.do(t, r).code()
	}
	expires := time.Unix(session.ExpiredTime, 0)
	for _, step := range []struct {
		at          time.Time
		token, want string
	}{
		{c.clock.Now(), session.Token, ""},
		{c.clock.Now(), "", "AuthFailure.TokenFailure"},
		{expires.Add(-time.Second), session.Token, ""},
		{expires, session.Token, "AuthFailure.TokenFailure"},
	} {
		c.clock.set(step.at)
		if have := list(step.token); have != step.want {
			t.Errorf("at %v with %q: want %q, have %q", step.at, step.token, step.want, have)
		}
	}
}

func TestMetadataService(t *testing.T) {
	const path = "/latest/meta-data/cam/security-credentials/"
	c := newSTS(t)
	for _, test := range []struct {
		method, path string
		status       int
		answer       string
	}{
		{http.MethodGet, path, 200, "monitor"},
		{http.MethodGet, path + "monitor", 200, "Success"},
		{http.MethodGet, path + "other", 404, ""},
		{http.MethodPost, path, 405, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, c.http.URL+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, _, session := c.ask(t, r)
		if status != test.status || session.Code != test.answer {
			t.Errorf("%s %s: want %d %q, have %d %q", test.method, test.path, test.status, test.answer, status, session.Code)
		}
	}
	if diff := cmp.Diff([]string{"AKIDsession00000001"}, c.Sessions()); diff != "" {
		t.Errorf("sessions (-want +have):\n%s", diff)
	}
}

// A revoked credential is refused, and a granted one is accepted.
func TestGrantAndRevoke(t *testing.T) {
	c := newSTS(t)
	steps := []struct {
		do   func()
		want string
	}{
		{func() {}, ""},
		{func() { c.Revoke(testID) }, "AuthFailure.SecretIdNotFound"},
		{func() { c.Grant(testID, "another", "") }, "AuthFailure.SignatureFailure"},
		{func() { c.Grant(testID, testKey, "") }, ""},
	}
	for i, step := range steps {
		step.do()
		if have := c.call(t, tasks, guangzhou, "{}").code(); have != step.want {
			t.Errorf("step %d: want %q, have %q", i, step.want, have)
		}
	}
}
