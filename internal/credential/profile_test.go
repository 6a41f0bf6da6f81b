package credential_test

import (
	"strings"
	"testing"

	"datahub_exporter/internal/credential"
)

// The profile file is read as the SDKs read it, with the token, and no error quotes it.
func TestProfile(t *testing.T) {
	const keys = "secret_id = id1\nsecret_key = key1\n"
	const missing = "has no section [default]; write it, with secret_id and secret_key"
	for name, test := range map[string]struct{ content, want string }{
		"good":                  {"[default]\n" + keys, "id1 key1 "},
		"a token":               {"[default]\n" + keys + "token = token1\n", "id1 key1 token1"},
		"an empty token":        {"[default]\n" + keys + "token =\n", "id1 key1 "},
		"a byte order mark":     {"\uFEFF[default]\n" + keys, "id1 key1 "},
		"of Windows":            {"\uFEFF[default]\r\nsecret_id=id1\r\nsecret_key=key1\r\n", "id1 key1 "},
		"quotes around":         {"[default]\nsecret_id = \"id1\"\nsecret_key = 'key1'\n", "id1 key1 "},
		"comments":              {"# a\n[default]\n; b\nsecret_id = id1 # c\nsecret_key = key1 ; d\n", "id1 key1 "},
		"another profile, too":  {"[prod]\nsecret_id = hush\n[default]\n" + keys, "id1 key1 "},
		"lines that are no key": {"hush hash\n= hush\n[default]\nhush\n" + keys, "id1 key1 "},
		"a percent sign":        {"[default]\nsecret_id = %(hush)s\nsecret_key = key1", "%(hush)s key1 "},
		"a quote":               {"[default]\nsecret_id = id1\nsecret_key = ke'y\n", "section [default]: secret_key has a space, a quote or a character that no credential has; write the bare value"},
		"two words":             {"[default]\n" + keys + "token = hush hash\n", "section [default]: token has a space, a quote or a character that no credential has; write the bare value"},
		"a sample":              {"[default]\nsecret_id = xxx\nsecret_key = key1\n", "section [default]: secret_id is a placeholder; write the real value"},
		"blank":                 {"[default]\nsecret_id = \" \"\nsecret_key = \" \"\n", "section [default]: has no credential; write secret_id and secret_key"},
		"no key":                {"[default]\nsecret_id = hush\n", "section [default]: has no credential; write secret_id and secret_key"},
		"commented out":         {"#[default]\n#secret_id = hush\n", missing},
		"keys commented out":    {"[default]\n#secret_id = hush\n", "section [default]: has no credential; write secret_id and secret_key"},
		"empty":                 {"", missing},
		"only a mark":           {"\uFEFF", missing},
		"no section":            {keys, missing},
		"another profile":       {"[prod]\n" + keys, missing},
		"upper case":            {"[DEFAULT]\n" + keys, missing},
		"a broken section":      {"hush = hash hush\n[hush\n", missing},
		"JSON":                  {`{"default": {"secret_id": "hush"}}`, missing},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/credentials"
			put(t, path, test.content)
			options, err := credential.Options{}.Resolve(func(name string) string {
				return map[string]string{"TENCENTCLOUD_CREDENTIALS_FILE": path + "\n"}[name]
			})
			if err != nil {
				t.Fatal(err)
			}
			renewer := credential.New(options, credential.Host{})
			defer renewer.Close()
			if have := strings.TrimPrefix(held(t, renewer), "profile file "+path+": "); have != test.want {
				t.Errorf("want %s, have %s", test.want, have)
			}
		})
	}
}
