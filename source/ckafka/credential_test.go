package ckafka_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/secret"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

const (
	permanentID  = "AKIDpermanentpermanent"
	permanentKey = "permanentKeypermanentKey"
	podToken     = "eyJpod.token.ofKubernetes"
	roleARN      = "qcs::cam::uin/100000000001:roleName/monitor"
	externalID   = "external-id-of-ours"
)

// rolesCloud returns a cloud with a task, a permanent credential and a role, and
// its network.
func rolesCloud(t *testing.T) (*cloudsim.Server, *network) {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	cloud := cloudsim.New(cloudsim.Options{
		SecretID: permanentID, SecretKey: permanentKey, Fleet: fleet,
		Roles: []cloudsim.Role{{
			ARN: roleARN, ExternalID: externalID, ProviderID: "cls-1", WebIdentityToken: podToken, Machine: "monitor",
		}},
	})
	return cloud, serve(t, cloud)
}

// watch returns the set of one account of a cloud.
func watch(t *testing.T, wire *network, held credential.Options, options source.Options) set {
	t.Helper()
	transport := wire.transport()
	t.Cleanup(transport.CloseIdleConnections)
	held.STS = endpoint.Endpoint{Scheme: "http", Host: "sts"}
	set := open(t, []ckafka.Account{{
		Name: "prod", Credential: held, Regions: []string{region}, Endpoint: endpoint.Endpoint{Scheme: "http", Host: "api"},
	}}, transport, options)
	return set
}

var assuming = credential.Role{ARN: roleARN, ExternalID: secret.New(externalID), Duration: time.Hour}

func putFile(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// keyFiles returns the options for a pair of files.
func keyFiles(t *testing.T) credential.Options {
	t.Helper()
	directory := t.TempDir()
	return credential.Options{
		SecretIDFile:  putFile(t, filepath.Join(directory, "id"), permanentID+"\n"),
		SecretKeyFile: putFile(t, filepath.Join(directory, "key"), permanentKey+"\n"),
	}
}

// resolved returns the options after resolving them with environment variables.
func resolved(t *testing.T, role credential.Role, variables map[string]string) credential.Options {
	t.Helper()
	held, err := credential.Options{Role: role}.Resolve(func(name string) string { return variables[name] })
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// Each source of a credential leads to a listing and makes no more calls than
// necessary.
func TestEachSourceOfACredential(t *testing.T) {
	profile := putFile(t, filepath.Join(t.TempDir(), "credentials"),
		"[default]\nsecret_id = "+permanentID+"\nsecret_key = "+permanentKey+"\n")
	inVariables := map[string]string{"TENCENTCLOUD_SECRET_ID": permanentID, "TENCENTCLOUD_SECRET_KEY": permanentKey}
	inPod := map[string]string{
		"TKE_REGION": region, "TKE_PROVIDER_ID": "cls-1", "TKE_ROLE_ARN": roleARN,
		"TKE_WEB_IDENTITY_TOKEN_FILE": putFile(t, filepath.Join(t.TempDir(), "token"), podToken+"\n"),
	}
	keys := credential.Static(permanentID, permanentKey, "")
	withRole := keys
	withRole.Role = assuming
	files, filesWithRole := keyFiles(t), keyFiles(t)
	filesWithRole.Role = assuming
	list := cloudsim.DescribeDatahubTasks
	tests := []struct {
		source string
		held   credential.Options
		calls  []string
	}{
		{"config", keys, []string{list}},
		{"files", files, []string{list}},
		{"env", resolved(t, credential.Role{}, inVariables), []string{list}},
		{"profile", resolved(t, credential.Role{}, map[string]string{"TENCENTCLOUD_CREDENTIALS_FILE": profile}), []string{list}},
		{"tke_oidc", resolved(t, credential.Role{}, inPod), []string{cloudsim.AssumeRoleWithWebIdentity, list}},
		{"cvm_role", resolved(t, credential.Role{}, nil), []string{cloudsim.MachineRole, cloudsim.MachineRole, list}},
		{"config+role_arn", withRole, []string{cloudsim.AssumeRole, list}},
		{"files+role_arn", filesWithRole, []string{cloudsim.AssumeRole, list}},
		{"env+role_arn", resolved(t, assuming, inVariables), []string{cloudsim.AssumeRole, list}},
		{"tke_oidc+role_arn", resolved(t, assuming, inPod), []string{cloudsim.AssumeRoleWithWebIdentity, cloudsim.AssumeRole, list}},
		{"cvm_role+role_arn", resolved(t, assuming, nil), []string{cloudsim.MachineRole, cloudsim.MachineRole, cloudsim.AssumeRole, list}},
	}
	for _, test := range tests {
		t.Run(test.source, func(t *testing.T) {
			if have := test.held.Source(); have != test.source {
				t.Errorf("source: have %s", have)
			}
			synctest.Test(t, func(t *testing.T) {
				cloud, wire := rolesCloud(t)
				set := watch(t, wire, test.held, source.Options{Timeout: time.Minute})
				if have := set.Snapshots(t.Context(), source.Tasks)[0]; have.Err != nil || len(have.Listing.Items) != 1 {
					t.Errorf("have %v", have.Err)
				}
				var calls []string
				for _, call := range cloud.Calls("", "") {
					calls = append(calls, call.Action)
					if call.Code != "" {
						t.Errorf("%s: have %s", call.Action, call.Code)
					}
				}
				if diff := cmp.Diff(test.calls, calls); diff != "" {
					t.Errorf("calls (-want +have):\n%s", diff)
				}
			})
		})
	}
}

// A missing credential is a failure of class auth, once per refresh, that says what
// to do. The API is not queried.
func TestCredentialsThatCannotBeRetrieved(t *testing.T) {
	missing := credential.Options{SecretIDFile: "/nowhere/id", SecretKeyFile: "/nowhere/key"}
	assumed := credential.Static(permanentID, permanentKey, "")
	assumed.Role = assuming
	wrongKey := credential.Static(permanentID, "another", "")
	wrongKey.Role = assuming
	untrusted := assumed
	untrusted.Role.ExternalID = secret.New("another")
	pod := resolved(t, credential.Role{}, map[string]string{
		"TKE_REGION": region, "TKE_PROVIDER_ID": "cls-1", "TKE_ROLE_ARN": roleARN,
		"TKE_WEB_IDENTITY_TOKEN_FILE": putFile(t, filepath.Join(t.TempDir(), "token"), "eyJanother.token.ofKubernetes"),
	})
	machine := resolved(t, credential.Role{}, nil)
	tests := map[string]struct {
		held   credential.Options
		action string
		fault  cloudsim.Fault
		want   string
	}{
		"no files": {missing, "", nil, "auth: secret_id_file /nowhere/id: no such file or directory"},
		"a key that is refused": {
			wrongKey, "", nil,
			"auth: AuthFailure.SignatureFailure: assume role_arn: The provided credentials could not be validated. Please check your signature is correct.",
		},
		"a role that does not trust": {
			untrusted, "", nil, "auth: UnauthorizedOperation: assume role_arn: The role does not trust the caller, or not with this external ID.",
		},
		"a token that is refused and repeated": {
			pod, "", nil,
			"auth: InvalidParameter.WebIdentityTokenError: assume TKE_ROLE_ARN with the pod's token: The token <secret> is not valid.",
		},
		"a machine without a role": {
			machine, cloudsim.MachineRole, cloudsim.HTTPStatus(404, planted),
			"auth: get the role of this machine: server: answered with HTTP status 404; " +
				"configure a credential, or bind a role to this virtual machine",
		},
		"a machine's role that is a page": {
			machine, cloudsim.MachineRole, cloudsim.RawBody("text/html", "<html>"+planted),
			"auth: get the role of this machine: the response is not a role name; " +
				"configure a credential, or bind a role to this virtual machine",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				cloud, wire := rolesCloud(t)
				cloud.Always(test.action, "", test.fault)
				refreshes := 0
				set := watch(t, wire, test.held, source.Options{
					Timeout: time.Minute, Log: slog.New(slog.NewTextHandler(&log, nil)),
					OnRefresh: func(report source.RefreshReport) {
						refreshes++
						if report.Class != source.Auth || report.Calls != 0 {
							t.Errorf("refresh: want auth without a call, have %+v", report)
						}
					},
				})
				have := set.Snapshots(t.Context(), source.Tasks)[0]
				if have.Err == nil || have.Err.Error() != test.want || have.Failures != 1 || refreshes != 1 {
					t.Errorf("want %s\nhave %v, %d failed refreshes", test.want, have.Err, have.Failures)
				}
				if calls := cloud.Calls(cloudsim.DescribeDatahubTasks, ""); len(calls) != 0 {
					t.Errorf("the API was called: %+v", calls)
				}
				for _, hidden := range []string{permanentID, permanentKey, podToken, externalID, planted, "eyJ"} {
					if text := fmt.Sprintf("%s %+v %v", &log, have, have.Err); strings.Contains(text, hidden) {
						t.Errorf("%s stands in %s", hidden, text)
					}
				}
				if !strings.Contains(log.String(), "hint=") {
					t.Errorf("no hint in the log:\n%s", &log)
				}
			})
		})
	}
}

// The calls for a credential are counted like those to the API.
func TestCallsForCredentialsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, wire := rolesCloud(t)
		cloud.Script(cloudsim.AssumeRole, "", cloudsim.Reset(), cloudsim.Error("InternalError", "no"), nil)
		held := credential.Static(permanentID, permanentKey, "")
		held.Role = assuming
		var have []string
		set := watch(t, wire, held, source.Options{Timeout: time.Minute, OnCall: func(report source.CallReport) {
			have = append(have, fmt.Sprintf("%s %s %s %s", report.Target.Account, report.Target.Region, report.Target.Action, report.Code))
		}})
		set.Snapshots(t.Context(), source.Tasks)
		want := []string{
			"prod  AssumeRole network", "prod  AssumeRole InternalError", "prod  AssumeRole OK",
			"prod ap-guangzhou DescribeDatahubTasks OK",
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("(-want +have):\n%s", diff)
		}
	})
}

// A reverse proxy at endpoint that replaces Host spoils the signature: the remedy names
// that cause beside a wrong key.
func TestReverseProxyThatReplacesHost(t *testing.T) {
	cloud, _ := rolesCloud(t)
	api := httptest.NewServer(cloud)
	t.Cleanup(api.Close)
	target, err := url.Parse(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		host, key string
		up        bool
	}{
		"replaced by the upstream's": {target.Host, permanentKey, false},
		"replaced by a name":         {"ckafka.tencentcloudapi.com", permanentKey, false},
		"kept":                       {"", permanentKey, true},
		"kept, and another key":      {"", "another", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				if r.Out.Host = test.host; test.host == "" {
					r.Out.Host = r.In.Host
				}
			}})
			t.Cleanup(server.Close)
			transport := ckafka.NewTransport()
			transport.Proxy = nil
			t.Cleanup(transport.CloseIdleConnections)
			set := open(t, []ckafka.Account{{
				Name: "prod", Credential: credential.Static(permanentID, test.key, ""), Regions: []string{region},
				Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
			}}, transport, source.Options{Timeout: time.Minute})
			have := set.Snapshots(t.Context(), source.Tasks)[0]
			if have.Up() != test.up {
				t.Errorf("want up %v, have %v", test.up, have.Err)
			}
			if failure, failed := errors.AsType[*source.Error](have.Err); failed &&
				(!strings.Contains(failure.Remedy().English, "secret_key is that of secret_id") || !strings.Contains(failure.Remedy().English, "replaces the Host header")) {
				t.Errorf("have %q", failure.Remedy().English)
			}
		})
	}
}
