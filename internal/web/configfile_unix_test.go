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

// besides puts a pipe next to the configuration file, and regular files as well.
func besides(t *testing.T, path, name string, regular ...string) string {
	t.Helper()
	directory := filepath.Dir(path)
	pipe(t, filepath.Join(directory, name))
	for _, name := range regular {
		if err := os.WriteFile(filepath.Join(directory, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestCheckConfigFile(t *testing.T) {
	tests := map[string]struct {
		path string
		want []string // what the error names; nil: no error
	}{
		"none":            {"", nil},
		"users":           {configFile(t, users), nil},
		"an empty one":    {configFile(t, ""), nil},
		"nothing there":   {"/nowhere/web.yml", []string{syscall.ENOENT.Error()}},
		"a directory":     {t.TempDir(), []string{"is a directory"}},
		"a device":        {"/dev/zero", []string{"is a device", "regular file"}},
		"a pipe":          {pipe(t, filepath.Join(t.TempDir(), "web.yml")), []string{"is a pipe", "regular file"}},
		"a large one":     {configFile(t, users+strings.Repeat("#", 1<<20)), []string{"is larger than 1 MiB"}},
		"an unknown key":  {configFile(t, "basic_auth_user: {}\n"), []string{"line 1", "basic_auth_user", format}},
		"no YAML":         {configFile(t, "{\n"), []string{"yaml", format}},
		"a bad hash":      {configFile(t, "basic_auth_users: {prometheus: hush}\n"), []string{"bcrypt", format}},
		"no certificate":  {configFile(t, secure), []string{"cert_file", "cert.pem", syscall.ENOENT.Error()}},
		"a pipe for one":  {besides(t, configFile(t, secure), "cert.pem"), []string{"cert_file", "cert.pem", "is a pipe"}},
		"a pipe as a key": {besides(t, configFile(t, secure), "key.pem", "cert.pem"), []string{"key_file", "key.pem", "is a pipe"}},
		"a device as authority": {
			configFile(t, "tls_server_config: {client_ca_file: /dev/zero}\n"), []string{"client_ca_file", "/dev/zero", "is a device"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := checkConfigFile(test.path)
			if (err != nil) != (test.want != nil) {
				t.Fatalf("want an error: %t, have %v", test.want != nil, err)
			}
			if err == nil {
				return
			}
			for _, want := range append(test.want, "--web.config.file "+test.path+": ") {
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
