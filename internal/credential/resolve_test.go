package credential_test

import (
	"path/filepath"
	"slices"
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
		"a variable with another line": {
			variables: variables("TENCENTCLOUD_SECRET_ID", hush, "TENCENTCLOUD_SECRET_KEY", hush, "TENCENTCLOUD_TOKEN", hush+"\r\n"+hush),
			err:       "TENCENTCLOUD_TOKEN has a space, a quote or a character that no credential has; write the bare value",
		},
		"a variable that was not filled in": {
			variables: variables("TENCENTCLOUD_SECRET_ID", hush, "TENCENTCLOUD_SECRET_KEY", "xxx"),
			err:       "TENCENTCLOUD_SECRET_KEY is a placeholder; write the real value",
		},
		"a variable with a quote": {
			variables: variables("TENCENTCLOUD_SECRET_ID", "'"+hush+"'", "TENCENTCLOUD_SECRET_KEY", hush),
			err:       "TENCENTCLOUD_SECRET_ID has a space, a quote or a character that no credential has; write the bare value",
		},
		"the profile at home": {variables: variables(append(pod, "HOME", home, "USERPROFILE", home)...), want: "profile"},
		"no profile at home":  {variables: variables("HOME", t.TempDir()), want: "cvm_role"},
		"a profile at home, and an empty variable": {
			variables: variables("TENCENTCLOUD_CREDENTIALS_FILE", " ", "HOME", home, "USERPROFILE", home), want: "profile",
		},
		"a profile that is not there": {variables: variables("TENCENTCLOUD_CREDENTIALS_FILE", "/nowhere"), want: "profile"},
		"a pod":                       {variables: variables(pod...), want: "tke_oidc"},
		"a pod with line breaks": {
			variables: variables("TKE_REGION", "r\n", "TKE_PROVIDER_ID", "p\r\n", "TKE_WEB_IDENTITY_TOKEN_FILE", " /a path\n", "TKE_ROLE_ARN", "\tr"),
			want:      "tke_oidc",
		},
		"a region with two lines": {
			variables: variables(append(slices.Clone(pod), "TKE_REGION", hush+"\nr")...),
			err:       "TKE_REGION has a space, a quote or a character that no credential has; write the bare value",
		},
		"a quoted provider": {
			variables: variables(append(slices.Clone(pod), "TKE_PROVIDER_ID", `"`+hush+`"`)...),
			err:       "TKE_PROVIDER_ID has a space, a quote or a character that no credential has; write the bare value",
		},
		"a role that was not filled in": {
			variables: variables(append(slices.Clone(pod), "TKE_ROLE_ARN", "xxx")...), err: "TKE_ROLE_ARN is a placeholder; write the real value",
		},
		"half a pod, with a blank": {
			variables: variables(append(slices.Clone(pod), "TKE_ROLE_ARN", "\n")...),
			err: "TKE_ROLE_ARN is not set, but other TKE variables are; set all of TKE_REGION, TKE_PROVIDER_ID, " +
				"TKE_WEB_IDENTITY_TOKEN_FILE and TKE_ROLE_ARN, or none",
		},
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
