package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/config"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/otlp"
	"datahub_exporter/internal/secret"
)

var update = flag.Bool("update", false, "renew the golden files")

// hush is in every credential of the fixtures, so that none can leak unnoticed.
const hush = "hush"

const (
	plainID  = "AKIDhushhushhushhush1234567890abcdef"
	plainKey = "hushHushhushHushhushHush12345678"
)

func account(id, key, token string, endpoint endpoint.Endpoint, regions ...string) []config.Account {
	return []config.Account{{
		Name:       "common",
		Credential: credential.Static(id, key, token),
		Regions:    regions,
		Endpoint:   endpoint,
	}}
}

func TestLoadAccepts(t *testing.T) {
	want := map[string][]config.Account{
		"plain": account(plainID, plainKey, "", endpoint.Endpoint{}, "ap-guangzhou"),
		"everything": account("AKIDhush", "hushhush", "hush-hush_hush+/==",
			endpoint.Endpoint{Scheme: "http", Host: "ckafka.internal.tencentcloudapi.com:8080"},
			"ap-guangzhou", "ap-shanghai-fsi", "na-siliconvalley"),
		"optional_empty": account("AKIDhush", "hushhush", "", endpoint.Endpoint{}, "ap-guangzhou"),
		"symbols": account("AKIDhush#hush;hush", `%(secret_id)s:hush=hush\`, ";hush",
			endpoint.Endpoint{Scheme: "https", Host: "[2001:db8::1]:443"}, "ap-guangzhou"),
		"quoted": account("AKIDhush", "hush#hush", "",
			endpoint.Endpoint{Scheme: "https", Host: "ckafka.tencentcloudapi.com"}, "ap-guangzhou", "ap-shanghai"),
		"account_one": {{
			Name: "prod", Credential: credential.Static("AKIDhush", "hushhush", ""), Regions: []string{"ap-guangzhou"},
		}},
		"accounts": wantAccounts(),
		// The environment may supply what the file does not.
		"chain": {{Name: "common", Regions: []string{"ap-guangzhou"}}},
		"chain_role": {{
			Name: "common", Regions: []string{"ap-guangzhou"},
			Credential: credential.Options{Role: credential.Role{ARN: "qcs::cam::uin/100000000001:roleName/monitor"}},
		}},
		"otlp":              account("AKIDhush", "hushhush", "", endpoint.Endpoint{}, "ap-guangzhou"),
		"otlp_default_port": account("AKIDhush", "hushhush", "", endpoint.Endpoint{}, "ap-guangzhou"),
		"otlp_http":         account("AKIDhush", "hushhush", "", endpoint.Endpoint{}, "ap-guangzhou"),
		"otlp_empty":        account("AKIDhush", "hushhush", "", endpoint.Endpoint{}, "ap-guangzhou"),
		"indented":          account("AKIDhush", "hushhush", "", endpoint.Endpoint{}, "ap-guangzhou"),
	}
	for _, path := range fixtures(t, ".ok.conf") {
		name := strings.TrimSuffix(filepath.Base(path), ".ok.conf")
		t.Run(name, func(t *testing.T) {
			have, err := config.Load(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[name], have.Accounts); diff != "" {
				t.Errorf("accounts (-want +have)\n%s", diff)
			}
			if diff := cmp.Diff(wantOTLP()[name], have.OTLP); diff != "" {
				t.Errorf("OTLP (-want +have)\n%s", diff)
			}
		})
	}
}

// wantAccounts returns the accounts in accounts.ok.conf, with the defaults from its
// [common].
func wantAccounts() []config.Account {
	regions := []string{"ap-guangzhou", "ap-shanghai"}
	internal := endpoint.Endpoint{Scheme: "https", Host: "ckafka.internal.tencentcloudapi.com"}
	common := credential.Static("AKIDhushcommon", "hushcommon", "")
	prod := common
	prod.Role = credential.Role{
		ARN: "qcs::cam::uin/100000000001:roleName/monitor", ExternalID: secret.New("hush-42"), Duration: time.Hour,
	}
	return []config.Account{
		{Name: "prod", Credential: prod, Regions: regions, Endpoint: internal},
		{Name: "生产-2", Credential: credential.Static("AKIDhush2", "hushhush2", "hush2"), Regions: []string{"na-siliconvalley"}},
		{Name: "vault_3.x", Regions: regions, Endpoint: internal, Credential: credential.Options{
			SecretIDFile: "/run/secrets/id", SecretKeyFile: "/run/secrets/key", TokenFile: "/run/secrets/token",
			Role: credential.Role{ARN: "qcs::cam::uin/100000000003:role/4611686018427397919", Duration: 30 * time.Minute},
			STS:  endpoint.Endpoint{Scheme: "http", Host: "127.0.0.1:8443"},
		}},
		{Name: "everything-of-common", Credential: common, Regions: regions, Endpoint: internal},
	}
}

// wantOTLP returns the section [otlp] of the fixtures that have one.
func wantOTLP() map[string]*otlp.Options {
	return map[string]*otlp.Options{
		"otlp": {
			Endpoint: otlp.Endpoint{Scheme: "http", Host: "127.0.0.1:4317"},
			Interval: 30 * time.Second,
			Timeout:  5 * time.Second,
			Headers: map[string]secret.Value{
				"authorization": secret.New("Bearer hush=hush"), "x-tenant": secret.New("hush"),
			},
			CAFile: "/etc/ssl/ca.pem", CertFile: "/etc/ssl/client.pem", KeyFile: "/etc/ssl/client.key",
			Compression: "gzip", Logs: true,
		},
		"otlp_default_port": {Endpoint: otlp.Endpoint{Scheme: "https", Host: "collector.monitoring"}},
		"otlp_http":         {Endpoint: otlp.Endpoint{Scheme: "http", Host: "127.0.0.1:9090", Path: "/api/v1/otlp/v1/metrics"}, Protocol: otlp.HTTP},
		"otlp_empty":        {},
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, path := range fixtures(t, ".bad.conf") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			have, err := config.Load(t.Context(), path)
			if err == nil {
				t.Fatalf("have %+v", have)
			}
			compareGolden(t, strings.TrimSuffix(path, ".conf")+".txt", err.Error()+"\n")
			requireSafeError(t, path, err.Error(), hush)
		})
	}
}

// requireSafeError checks what is promised of every error.
func requireSafeError(t *testing.T, path, message, secret string) {
	t.Helper()
	if strings.Contains(strings.ToLower(message), strings.ToLower(secret)) {
		t.Errorf("the error shows a credential: %s", message)
	}
	if strings.Contains(message, "\n") {
		t.Errorf("the error has more than one line: %q", message)
	}
	rest, found := strings.CutPrefix(message, "read configuration "+path+": ")
	if !found || !strings.Contains(rest, "; ") {
		t.Errorf("the error lacks the path or the remedy: %s", message)
	}
}

func compareGolden(t *testing.T, path, have string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden, renewed by -update: %v", err)
	}
	if diff := cmp.Diff(string(want), have); diff != "" {
		t.Errorf("(-want +have)\n%s", diff)
	}
}

func fixtures(t testing.TB, ending string) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*" + ending)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures %s: %v", ending, err)
	}
	return paths
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
