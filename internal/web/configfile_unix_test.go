//go:build unix

package web

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A web configuration with a user, and the lines for TLS.
const (
	users  = "basic_auth_users:\n  prometheus: $2y$10$IlXTGr0AYVAUZyOlGlpgb.LvlCpK3n9kEhKWr1b2RMrUlZU2ZjWYK\n"
	secure = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
)

func configFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pipe(t *testing.T, path string) string {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCheckConfigFile(t *testing.T) {
	tests := map[string]struct {
		path string
		want []string // what the error names; nil: no error
	}{
		"none":           {"", nil},
		"users":          {configFile(t, users), nil},
		"an empty one":   {configFile(t, ""), nil},
		"nothing there":  {"/nowhere/web.yml", []string{syscall.ENOENT.Error()}},
		"a directory":    {t.TempDir(), []string{"not a regular file"}},
		"a device":       {"/dev/zero", []string{"not a regular file"}},
		"a pipe":         {pipe(t, filepath.Join(t.TempDir(), "web.yml")), []string{"not a regular file"}},
		"an unknown key": {configFile(t, "basic_auth_user: {}\n"), []string{"line 1", "basic_auth_user", configFormat}},
		"no YAML":        {configFile(t, "{\n"), []string{"yaml", configFormat}},
		"a bad hash":     {configFile(t, "basic_auth_users: {prometheus: hush}\n"), []string{"bcrypt", configFormat}},
		"no certificate": {configFile(t, secure), []string{"cert_file", "cert.pem", syscall.ENOENT.Error()}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckConfigFile(test.path)
			if (err != nil) != (test.want != nil) {
				t.Fatalf("want an error: %t, have %v", test.want != nil, err)
			}
			if err == nil {
				return
			}
			for _, want := range append(test.want, "--web.config.file", test.path) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want it to name %q, have %v", want, err)
				}
			}
			if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, "hush") {
				t.Errorf("want one line without a secret, have %q", text)
			}
		})
	}
}
