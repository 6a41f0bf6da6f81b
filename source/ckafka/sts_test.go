package ckafka_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

const session = `"Credentials":{"TmpSecretId":"id","TmpSecretKey":"key","Token":"token"}`

// inPod returns the options for the role of a pod.
func inPod(t *testing.T) credential.Options {
	t.Helper()
	return resolved(t, credential.Role{}, map[string]string{
		"TKE_REGION": region, "TKE_PROVIDER_ID": "cls-1", "TKE_ROLE_ARN": roleARN,
		"TKE_WEB_IDENTITY_TOKEN_FILE": putFile(t, filepath.Join(t.TempDir(), "token"), podToken),
	})
}

// A failure of STS has the class and the remedy of its cause, and one that may pass is
// tried again, once a second at most, as long as the refresh lasts.
func TestFailuresOfSTS(t *testing.T) {
	assumed := credential.Static(permanentID, permanentKey, "")
	assumed.Role = assuming
	code := func(code string) cloudsim.Fault { return cloudsim.Error(code, "sorry") }
	body := func(body string) cloudsim.Fault { return cloudsim.RawBody("application/json", body) }
	const (
		duration, quota, ill, way = "shorten role_duration", "wait: STS limits", "STS or a gateway", "check sts_endpoint"
		role, account, clock      = "check role_arn", "the pod's service account", "this machine's clock"
	)
	tests := map[string]struct {
		fault cloudsim.Fault
		pod   bool
		tries int
		want  string // the error, without "assume …: "
		hint  string
	}{
		"too long a duration":        {code("InvalidParameter.OverTimeError"), false, 1, "parameter: InvalidParameter.OverTimeError: sorry", duration},
		"too long for a pod":         {code("InvalidParameter.OverTimeError"), true, 1, "parameter: InvalidParameter.OverTimeError: sorry", duration},
		"throttled":                  {code("RequestLimitExceeded"), false, 4, "throttled: RequestLimitExceeded: sorry", quota},
		"throttled, as STS says it":  {code("InvalidParameter.OverLimit"), true, 4, "throttled: InvalidParameter.OverLimit: sorry", quota},
		"throttled by a gateway":     {cloudsim.HTTPStatus(429, planted), false, 4, "throttled: answered with HTTP status 429", quota},
		"an internal error":          {code("InternalError.SystemError"), false, 4, "server: InternalError.SystemError: sorry", ill},
		"a database of STS":          {code("InternalError.DbError"), true, 4, "server: InternalError.DbError: sorry", ill},
		"a gateway":                  {cloudsim.HTTPStatus(502, planted), false, 4, "server: answered with HTTP status 502", ill},
		"not STS":                    {cloudsim.HTTPStatus(404, planted), false, 1, "server: answered with HTTP status 404", way},
		"a proxy":                    {cloudsim.HTTPStatus(407, planted), false, 1, "server: answered with HTTP status 407", "check HTTPS_PROXY"},
		"reset":                      {cloudsim.Reset(), false, 4, "network: connection broke off", way},
		"broken off":                 {cloudsim.Truncated(10), true, 4, "network: answer broke off", way},
		"no answer":                  {cloudsim.Hang(), false, 1, "timeout: no complete answer before the deadline, from pipe", way},
		"HTML":                       {cloudsim.RawBody("text/html", planted), false, 1, "decode: the response has no credential; check that it comes from the cloud", way},
		"an empty session":           {body(`{"Response":{"Credentials":{},"ExpiredTime":1}}`), false, 1, "decode: the response has no credential; check that it comes from the cloud", way},
		"a session without an end":   {body(`{"Response":{` + session + `}}`), false, 1, "decode: the response does not say when the credential expires; check that it comes from the cloud", way},
		"an end that is null":        {body(`{"Response":{` + session + `,"ExpiredTime":null}}`), true, 1, "decode: the response does not say when the credential expires; check that it comes from the cloud", way},
		"a session of the past":      {body(`{"Response":{` + session + `,"ExpiredTime":1}}`), false, 1, "auth: the credential received has already expired; set this machine's clock", clock},
		"a clock that is off":        {code("AuthFailure.SignatureExpire"), false, 1, "auth: AuthFailure.SignatureExpire: sorry", clock},
		"a wrong key":                {code("AuthFailure.SignatureFailure"), false, 1, "auth: AuthFailure.SignatureFailure: sorry", "Host header"},
		"an unknown key":             {code("AuthFailure.SecretIdNotFound"), false, 1, "auth: AuthFailure.SecretIdNotFound: sorry", "check secret_id"},
		"no trust":                   {code("UnauthorizedOperation"), false, 1, "auth: UnauthorizedOperation: sorry", role},
		"no policy":                  {code("AuthFailure.UnauthorizedOperation"), false, 1, "auth: AuthFailure.UnauthorizedOperation: sorry", role},
		"no role":                    {code("InternalError.GetRoleError"), false, 1, "auth: InternalError.GetRoleError: sorry", role},
		"no role, said otherwise":    {code("ResourceNotFound.RoleNotFound"), false, 1, "auth: ResourceNotFound.RoleNotFound: sorry", role},
		"another parameter":          {code("InvalidParameter.ParamError"), false, 1, "parameter: InvalidParameter.ParamError: sorry", role},
		"a token that has expired":   {code("InvalidParameter.WebIdentityTokenError"), true, 1, "auth: InvalidParameter.WebIdentityTokenError: sorry", account},
		"an account without trust":   {code("UnauthorizedOperation"), true, 1, "auth: UnauthorizedOperation: sorry", account},
		"a role that no one created": {code("InternalError.IllegalRole"), true, 1, "auth: InternalError.IllegalRole: sorry", account},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			held, action, doing := assumed, cloudsim.AssumeRole, "assume role_arn: "
			if test.pod {
				held, action, doing = inPod(t), cloudsim.AssumeRoleWithWebIdentity, "assume TKE_ROLE_ARN with the pod's token: "
			}
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				cloud, wire := rolesCloud(t)
				cloud.Always(action, "", test.fault)
				counted := map[string]int{}
				set := watch(t, wire, held, source.Options{
					Timeout: 8 * time.Second, Log: slog.New(slog.NewTextHandler(&log, nil)),
					OnCall: func(report source.CallReport) { counted[string(report.Target.Action)]++ },
				})
				have := set.Snapshots(t.Context(), source.Tasks)[0]
				if have.Err == nil || strings.Replace(have.Err.Error(), doing, "", 1) != test.want || have.Failures != 1 {
					t.Errorf("want %s\nhave %v, %d failed refreshes", test.want, have.Err, have.Failures)
				}
				if !strings.Contains(log.String(), doing) || !strings.Contains(log.String(), test.hint) || strings.Contains(log.String(), planted) {
					t.Errorf("want %q and %q in the log:\n%s", doing, test.hint, &log)
				}
				calls := cloud.Calls("", "")
				if len(calls) != test.tries || counted[action] != test.tries || len(counted) != 1 {
					t.Errorf("want %d tries, have %d calls, %v counted", test.tries, len(calls), counted)
				}
				for i := 1; i < len(calls); i++ {
					if pause := calls[i].Time.Sub(calls[i-1].Time); pause < time.Second {
						t.Errorf("try %d came after %v", i+1, pause)
					}
				}
			})
		})
	}
}

// A failure of STS that passes costs no refresh, not even the first.
func TestFailureOfSTSThatPasses(t *testing.T) {
	for name, fault := range map[string]cloudsim.Fault{
		"throttled": cloudsim.Error("RequestLimitExceeded", "sorry"), "a gateway": cloudsim.HTTPStatus(503, ""), "reset": cloudsim.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, wire := rolesCloud(t)
				held := credential.Static(permanentID, permanentKey, "")
				held.Role = assuming
				cloud.Script(cloudsim.AssumeRole, "", fault, fault, nil)
				set := watch(t, wire, held, source.Options{Timeout: 8 * time.Second})
				begin := time.Now()
				have := set.Snapshots(t.Context(), source.Tasks)[0]
				if took := time.Since(begin); !have.Up() || took < 2*time.Second || took > 3*time.Second {
					t.Errorf("have %v after %v", have.Err, took)
				}
			})
		})
	}
}

// A try that the deadline ends does not hide why the one before failed.
func TestDeadlineHidesNoFailureOfSTS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, wire := rolesCloud(t)
		held := credential.Static(permanentID, permanentKey, "")
		held.Role = assuming
		cloud.Script(cloudsim.AssumeRole, "", cloudsim.Error("RequestLimitExceeded", "sorry"), cloudsim.Hang())
		set := watch(t, wire, held, source.Options{Timeout: 8 * time.Second})
		have := set.Snapshots(t.Context(), source.Tasks)[0]
		if want := "throttled: RequestLimitExceeded: assume role_arn: sorry"; have.Err == nil || have.Err.Error() != want {
			t.Errorf("want %s, have %v", want, have.Err)
		}
	})
}

// A refresh that ends before STS answers does not blame the credential.
func TestRefreshThatDoesNotWaitForSTS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, wire := rolesCloud(t)
		held := credential.Static(permanentID, permanentKey, "")
		held.Role = assuming
		cloud.Always(cloudsim.AssumeRole, "", cloudsim.Delay(4*time.Second))
		set := watch(t, wire, held, source.Options{Timeout: 3 * time.Second})
		have := set.Snapshots(t.Context(), source.Tasks)[0]
		want := "timeout: no credential yet: its renewal did not finish before the deadline of the refresh"
		if have.Err == nil || have.Err.Error() != want {
			t.Errorf("want %s, have %v", want, have.Err)
		}
	})
}

// The next try of a call to STS leads to another node if one is ill.
func TestConnectionToASickSTSIsGivenUp(t *testing.T) {
	transport := ckafka.NewTransport()
	transport.Proxy = nil
	t.Cleanup(transport.CloseIdleConnections)
	good := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := noTasks
		if r.Header.Get("X-TC-Action") == cloudsim.AssumeRole {
			body = fmt.Sprintf(`{"Response":{%s,"ExpiredTime":%d}}`, session, time.Now().Add(time.Hour).Unix())
		}
		respond(200, body)(w, r)
	})
	sick := respond(200, `{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r"}}`)
	at := endpoint.Endpoint{Scheme: "http", Host: nodes(t, sick, good)}
	held := credential.Static(permanentID, permanentKey, "")
	held.Role, held.STS = assuming, at
	accounts := []ckafka.Account{{Name: "prod", Credential: held, Regions: []string{region}, Endpoint: at}}
	set := open(t, accounts, transport, source.Options{Timeout: time.Minute})
	if have := set.Snapshots(t.Context(), source.Tasks)[0]; !have.Up() {
		t.Errorf("have %v", have.Err)
	}
}
