package credential_test

import (
	"path/filepath"
	"strings"
	"testing"

	"datahub_exporter/internal/credential"
)

const hush = "hush-hush-hush"

// The first source that applies is used, and an incomplete one is refused by name.
func TestResolve(t *testing.T) {
	home := t.TempDir()
	put(t, filepath.Join(home, ".tencentcloud", "credentials"), "[default]\nsecret_id = a\nsecret_key = b\n")
	variables := func(pairs ...string) map[string]string {
		set := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			set[pairs[i]] = pairs[i+1]
		}
		return set
	}
	pod := []string{"TKE_REGION", "r", "TKE_PROVIDER_ID", "p", "TKE_WEB_IDENTITY_TOKEN_FILE", "/t", "TKE_ROLE_ARN", hush}
	tests := map[string]struct {
		options   credential.Options
		variables map[string]string
		want, err string
	}{
		"nothing": {want: "cvm_role"},
		"the keys of the file come first": {
			options: credential.Static("id", "key", ""), want: "config",
			variables: variables("TENCENTCLOUD_SECRET_ID", hush),
		},
		"files of the file": {
			options: credential.Options{SecretIDFile: "/id", SecretKeyFile: "/key"}, want: "files",
			variables: variables("TENCENTCLOUD_SECRET_ID", hush, "TENCENTCLOUD_SECRET_KEY", hush),
		},
		"variables": {
			want:      "env",
			variables: variables(append(pod, "TENCENTCLOUD_SECRET_ID", hush, "TENCENTCLOUD_SECRET_KEY", hush, "HOME", home)...),
		},
		"a role with variables": {
			options: credential.Options{Role: credential.Role{ARN: "arn"}}, want: "env+role_arn",
			variables: variables("TENCENTCLOUD_SECRET_ID", hush, "TENCENTCLOUD_SECRET_KEY", hush),
		},
		"an ID without a key": {
			variables: variables("TENCENTCLOUD_SECRET_ID", hush),
			err:       "TENCENTCLOUD_SECRET_ID is set without TENCENTCLOUD_SECRET_KEY; set both, or neither",
		},
		"a key without an ID": {
			variables: variables("TENCENTCLOUD_SECRET_KEY", hush),
			err:       "TENCENTCLOUD_SECRET_KEY is set without TENCENTCLOUD_SECRET_ID; set both, or neither",
		},
		"a variable with a line break": {
			variables: variables("TENCENTCLOUD_SECRET_ID", " "+hush+"\n", "TENCENTCLOUD_SECRET_KEY", hush), want: "env",
		},
		"a variable with a quote": {
			variables: variables("TENCENTCLOUD_SECRET_ID", "'"+hush+"'", "TENCENTCLOUD_SECRET_KEY", hush),
			err:       "TENCENTCLOUD_SECRET_ID has a space, a quote or a character that no credential has; write the bare value",
		},
		"the profile at home":         {variables: variables(append(pod, "HOME", home, "USERPROFILE", home)...), want: "profile"},
		"no profile at home":          {variables: variables("HOME", t.TempDir()), want: "cvm_role"},
		"a profile that is not there": {variables: variables("TENCENTCLOUD_CREDENTIALS_FILE", "/nowhere"), want: "profile"},
		"a pod":                       {variables: variables(pod...), want: "tke_oidc"},
		"half a pod": {
			variables: variables(pod[:6]...),
			err: "TKE_ROLE_ARN is not set, but other TKE variables are; set all of TKE_REGION, TKE_PROVIDER_ID, " +
				"TKE_WEB_IDENTITY_TOKEN_FILE and TKE_ROLE_ARN, or none",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have, err := test.options.Resolve(func(name string) string { return test.variables[name] })
			if test.err != "" {
				if err == nil || err.Error() != test.err || strings.Contains(err.Error(), hush) {
					t.Errorf("want %s\nhave %v", test.err, err)
				}
				return
			}
			if err != nil || have.Source() != test.want {
				t.Errorf("want %s, have %s, %v", test.want, have.Source(), err)
			}
			again, _ := test.options.Resolve(func(name string) string { return test.variables[name] })
			if !again.Equal(have) || again.Equal(credential.Static("another", "key", "")) {
				t.Error("options that say the same are not equal, or others are")
			}
		})
	}
}

// If the variable is set but empty, the SDK returns an error of its own.
func TestProfileVariableThatIsEmpty(t *testing.T) {
	home := t.TempDir()
	put(t, filepath.Join(home, ".tencentcloud", "credentials"), "[default]\nsecret_id = "+hush+"\nsecret_key = "+hush)
	variables := map[string]string{"HOME": home, "USERPROFILE": home, "TENCENTCLOUD_CREDENTIALS_FILE": ""}
	for name, value := range variables {
		t.Setenv(name, value)
	}
	options, err := credential.Options{}.Resolve(func(name string) string { return variables[name] })
	if err != nil {
		t.Fatal(err)
	}
	renewer := credential.New(options, credential.Host{})
	t.Cleanup(renewer.Close)
	if _, err := renewer.Get(t.Context()); err == nil || !strings.Contains(err.Error(), "TENCENTCLOUD_CREDENTIALS_FILE is set but empty") {
		t.Errorf("have %v", err)
	}
}
