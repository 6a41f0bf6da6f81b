package app

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// Secrets that none of our output may contain, just like the sessions that the cloud
// issues and the credentials of databases in its responses.
const (
	leakID       = "AKIDleakleakleakleak"
	leakKey      = "leakKeyleakKeyleakKey"
	leakToken    = "leakTokenleakTokenleakToken"
	leakExternal = "leak-external-id"
	leakPodToken = "eyJleak.token.ofKubernetes"
	leakRole     = "qcs::cam::uin/1:roleName/monitor"
)

// leaks are parts of all of them.
var leaks = []string{
	"AKIDleak", "leakKey", "leakToken", leakExternal, "eyJleak", "AKIDsession", "SessionKey", "SessionToken",
	cloudsim.DatabaseUser, cloudsim.DatabasePassword, "10.12.3.8", "10.12.0.9",
}

// leakyCloud responds as the cloud does, with passwords in each response, and
// returns the cloud and its URL.
func leakyCloud(t *testing.T, token string) (*cloudsim.Server, string) {
	t.Helper()
	fleet := cloudsim.NewInventory()
	for _, kind := range []string{"MYSQL", "MONGODB", "DTS", "TDW"} {
		fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{
			ID: "task-" + kind, Name: "orders", Status: 1, Type: "SOURCE", Source: kind, Target: "DTS", Resource: "resource-" + kind,
			Fields: map[string]any{"Password": cloudsim.DatabasePassword, "Ip": "10.12.3.8"},
		})
		fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou", cloudsim.Item{ID: "resource-" + kind, Name: "db", Status: 7, Type: kind})
	}
	sim := cloudsim.New(cloudsim.Options{
		SecretID: leakID, SecretKey: leakKey, Token: token, Fleet: fleet,
		Roles: []cloudsim.Role{
			{ARN: leakRole, ExternalID: leakExternal},
			{ARN: leakRole + "-of-pods", ProviderID: "cls-1", WebIdentityToken: leakPodToken},
		},
	})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return sim, server.URL
}

// A leakCase is a credential and where it comes from.
type leakCase struct {
	token     string            // what the cloud requires with the key
	keys      string            // lines of the configuration file
	variables map[string]string // environment variables
	own       string            // what the API repeats
}

func leakCases(t *testing.T) map[string]leakCase {
	t.Helper()
	directory := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const (
		role   = "role_arn = " + leakRole + "\nexternal_id = " + leakExternal + "\n"
		inline = "secret_id = " + leakID + "\nsecret_key = " + leakKey + "\n"
	)
	inFiles := "secret_id_file = " + file("id", leakID) + "\nsecret_key_file = " + file("key", leakKey) + "\n"
	inVariables := map[string]string{"TENCENTCLOUD_SECRET_ID": leakID, "TENCENTCLOUD_SECRET_KEY": leakKey}
	withToken := maps.Clone(inVariables)
	withToken["TENCENTCLOUD_TOKEN"] = leakToken
	const keys = "[default]\nsecret_id = " + leakID + "\nsecret_key = " + leakKey + "\n"
	profile := map[string]string{"TENCENTCLOUD_CREDENTIALS_FILE": file("credentials", keys)}
	profileWithToken := map[string]string{"TENCENTCLOUD_CREDENTIALS_FILE": file("temporary", keys+"token = "+leakToken+"\n")}
	pod := map[string]string{
		"TKE_REGION": "ap-guangzhou", "TKE_PROVIDER_ID": "cls-1", "TKE_ROLE_ARN": leakRole + "-of-pods",
		"TKE_WEB_IDENTITY_TOKEN_FILE": file("pod", leakPodToken),
	}
	const key = leakID + " " + leakKey
	return map[string]leakCase{
		"config":           {leakToken, inline + "token = " + leakToken + "\n", nil, key + " " + leakToken},
		"files":            {leakToken, inFiles + "token_file = " + file("token", leakToken) + "\n", nil, key + " " + leakToken},
		"env":              {leakToken, "", withToken, key + " " + leakToken},
		"profile":          {leakToken, "", profileWithToken, key + " " + leakToken},
		"tke_oidc":         {"", "", pod, leakPodToken},
		"config+role_arn":  {"", inline + role, nil, key + " " + leakExternal},
		"files+role_arn":   {"", inFiles + role, nil, key + " " + leakExternal},
		"env+role_arn":     {"", role, inVariables, key + " " + leakExternal},
		"profile+role_arn": {"", role, profile, key + " " + leakExternal},
	}
}

// Nothing of a credential, of what STS issues or of the databases' users appears in
// a log, a page, an error, a recording or the output of --check, however the
// credential is configured and even if the API repeats it.
func TestSecretsAreNeverShown(t *testing.T) {
	for name, test := range leakCases(t) {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.variables {
				t.Setenv(variable, value)
			}
			sim, url := leakyCloud(t, test.token)
			conf := filepath.Join(t.TempDir(), "exporter.conf")
			content := "[common]\nregion = ap-guangzhou\nendpoint = " + url + "\nsts_endpoint = " + url + "\n" + test.keys
			if err := os.WriteFile(conf, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			e := start(t, "--conf="+conf, "--log.level=debug", "--ckafka.min-interval=0s", "--web.enable-lifecycle")
			shown := map[string]string{}
			pages := func(when string) {
				for _, path := range []string{source.TaskKind().Path, source.ConnectionKind().Path, "/metrics", "/", "/api/v1/ckafka/status"} {
					_, shown[when+" "+path] = e.get(t, path)
				}
				_, shown[when+" reload"] = e.do(t, http.MethodPost, "/-/reload")
			}
			pages("good")
			checked(t, shown, "good", 0, conf)
			for _, code := range []string{"AuthFailure.TokenFailure", "UnauthorizedOperation"} {
				sim.Always("", "ap-guangzhou", func(a *cloudsim.Answer) {
					if a.Call.Action == cloudsim.DescribeDatahubTasks || a.Call.Action == cloudsim.DescribeConnectResources {
						number := strings.TrimPrefix(a.SecretID, "AKIDsession")
						a.Code, a.Message = code, "you sent "+test.own
						if number != a.SecretID {
							a.Message += " " + a.SecretID + " SessionKey" + number + " SessionToken" + number
						}
					}
				})
				pages(code)
				checked(t, shown, code, 1, conf)
			}
			// What the API says about the credential that a role is assumed with.
			sim.Revoke(leakID)
			checked(t, shown, "revoked", 1, conf)
			e.stop()
			var log strings.Builder
			for line := range e.log.each {
				fmt.Fprintln(&log, line)
			}
			shown["log"] = log.String()
			for where, text := range shown {
				for _, leak := range leaks {
					if strings.Contains(text, leak) {
						t.Errorf("%s: %s is in:\n%.3000s", where, leak, text)
					}
				}
			}
			for where, want := range map[string]string{
				"log": "<secret>", "UnauthorizedOperation table": "you sent <secret>", "UnauthorizedOperation json": "you sent <secret>",
				"good recording": `"TotalCount": 1`, "good " + source.TaskKind().Path: `datahub_task_status{TaskId="task-TDW"`,
			} {
				if !strings.Contains(shown[where], want) {
					t.Errorf("%s: want %s in:\n%s", where, want, shown[where])
				}
			}
		})
	}
}

// checked adds what --check prints, logs and records, in both formats.
func checked(t *testing.T, shown map[string]string, when string, want int, conf string) {
	t.Helper()
	for _, format := range []string{"table", "json"} {
		folder := filepath.Join(t.TempDir(), "recording")
		var stdout, stderr bytes.Buffer
		args := []string{"--conf=" + conf, "--check", "--check.format=" + format, "--check.record=" + folder, "--log.level=debug", endless}
		if code := run(t.Context(), args, &stdout, &stderr); code != want {
			t.Errorf("%s: exit code: want %d, have %d and:\n%s%s", when, want, code, &stdout, &stderr)
		}
		shown[when+" "+format], shown[when+" log of "+format] = stdout.String(), stderr.String()
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(files)
		for _, file := range files {
			shown[when+" recording"] += file + "\n" + read(t, file)
		}
	}
}
