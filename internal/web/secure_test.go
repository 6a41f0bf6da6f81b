package web_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"datahub_exporter/internal/web"
)

const mutual = `tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_ca_file: clients.pem
  client_auth_type: RequireAndVerifyClientCert
`

// healthy requests /-/healthy and returns the serial number of the server's
// certificate.
func healthy(t *testing.T, client *http.Client, address string) (serial int64, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/-/healthy", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("status %d", response.StatusCode)
	}
	if response.TLS == nil {
		return 0, nil
	}
	return response.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
}

func routes(t *testing.T, options web.Options) http.Handler {
	t.Helper()
	if options.Self == nil {
		options.Self = http.NotFoundHandler()
	}
	routes, err := web.Routes(options)
	if err != nil {
		t.Fatal(err)
	}
	return routes
}

// Only a client with a certificate of the right authority gets a response.
func TestClientCertificates(t *testing.T) {
	server, clients, others := newAuthority(t), newAuthority(t), newAuthority(t)
	files := folder(t.TempDir())
	certificate, key := server.issue(t, 7)
	files.put(t, "cert.pem", certificate)
	files.put(t, "key.pem", key)
	files.put(t, "clients.pem", block("CERTIFICATE", clients.certificate.Raw))
	address := files.serveSecured(t, mutual, routes(t, web.Options{}))
	old := server.client(t, clients)
	old.Transport.(*http.Transport).TLSClientConfig.MinVersion = tls.VersionTLS10
	old.Transport.(*http.Transport).TLSClientConfig.MaxVersion = tls.VersionTLS11
	for name, test := range map[string]struct {
		client *http.Client
		scheme string
		serial int64 // 0: no answer
	}{
		"its certificate":          {server.client(t, clients), "https", 7},
		"none":                     {server.client(t, nil), "https", 0},
		"one of another authority": {server.client(t, others), "https", 0},
		"no TLS":                   {server.client(t, clients), "http", 0},
		"an old TLS":               {old, "https", 0},
		"another server expected":  {others.client(t, clients), "https", 0},
	} {
		serial, err := healthy(t, test.client, test.scheme+"://"+address)
		if serial != test.serial || (err == nil) != (test.serial != 0) {
			t.Errorf("%s: want the certificate %d, have %d, %v", name, test.serial, serial, err)
		}
	}
}

// A renewed certificate, and a new authority for clients, apply to the next
// connection. An open connection goes on, and so does the server while only one of
// a certificate's two files is new.
func TestRenewedCertificates(t *testing.T) {
	server, clients, newClients := newAuthority(t), newAuthority(t), newAuthority(t)
	files := folder(t.TempDir())
	certificate, key := server.issue(t, 1)
	files.put(t, "cert.pem", certificate)
	files.put(t, "key.pem", key)
	files.put(t, "clients.pem", block("CERTIFICATE", clients.certificate.Raw))
	address := "https://" + files.serveSecured(t, mutual, routes(t, web.Options{}))
	certificate, key = server.issue(t, 2)
	open, next, newNext := server.client(t, clients), server.client(t, clients), server.client(t, newClients)
	open.Transport.(*http.Transport).DisableKeepAlives = false
	steps := []struct {
		name             string
		change           func()
		open, next, newc int64 // the certificate that each client sees; 0 if it is refused
	}{
		{"at first", func() {}, 1, 1, 0},
		{"the certificate renewed", func() { files.put(t, "cert.pem", certificate) }, 1, 0, 0},
		{"and its key", func() { files.put(t, "key.pem", key) }, 1, 2, 0},
		{"another authority", func() { files.put(t, "clients.pem", block("CERTIFICATE", newClients.certificate.Raw)) }, 1, 0, 2},
	}
	for _, step := range steps {
		step.change()
		for _, seen := range []struct {
			name   string
			client *http.Client
			want   int64
		}{{"open", open, step.open}, {"next", next, step.next}, {"of the new authority", newNext, step.newc}} {
			serial, err := healthy(t, seen.client, address)
			if serial != seen.want || (err == nil) != (seen.want != 0) {
				t.Errorf("%s, %s: want the certificate %d, have %d, %v", step.name, seen.name, seen.want, serial, err)
			}
		}
	}
}

// usersOf returns a configuration with users whose passwords are their names.
func usersOf(t *testing.T, names ...string) string {
	t.Helper()
	var config strings.Builder
	config.WriteString("basic_auth_users:\n")
	for _, name := range names {
		hash, err := bcrypt.GenerateFromPassword([]byte(name), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&config, "  %s: %s\n", name, hash)
	}
	return config.String()
}

// visit requests a path with a password, or without one if the user is empty.
func visit(t *testing.T, address, path, user, password string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		request.SetBasicAuth(user, password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// A password protects every path, and a change of the file takes effect at once.
func TestPasswords(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	files, r := folder(t.TempDir()), newRig(t, time.Hour, "prod")
	config := usersOf(t, "anna")
	address := files.serveSecured(t, config, routes(t, web.Options{Sources: r.set, Profiles: true}))
	paths := []string{"/", "/api/v1/ckafka/sd", "/-/healthy", "/-/reload", "/docs/status.md", "/debug/pprof/cmdline"}
	for _, path := range paths {
		for _, visitor := range [][2]string{{"", ""}, {"anna", "wrong"}, {"bert", "bert"}} {
			if code := visit(t, address, path, visitor[0], visitor[1]); code != http.StatusUnauthorized {
				t.Errorf("%s as %q: want 401, have %d", path, visitor, code)
			}
		}
		if code := visit(t, address, path, "anna", "anna"); code != http.StatusOK && path != "/-/reload" {
			t.Errorf("%s with the password: want 200, have %d", path, code)
		}
	}
	files.put(t, "web.yml", []byte(usersOf(t, "bert")))
	for user, want := range map[string]int{"anna": 401, "bert": 200} {
		if have := visit(t, address, "/-/healthy", user, user); have != want {
			t.Errorf("%s, when the file has changed: want %d, have %d", user, want, have)
		}
	}
}

// The rate limit of the file counts every request, with a password or without.
func TestRateLimit(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	address := folder(t.TempDir()).serveSecured(t, usersOf(t, "anna")+"rate_limit: {burst: 3, interval: 1h}\n", routes(t, web.Options{}))
	for i, test := range []struct {
		user string
		want int
	}{{"anna", 200}, {"bert", 401}, {"anna", 200}, {"anna", 429}, {"bert", 429}} {
		if have := visit(t, address, "/-/healthy", test.user, test.user); have != test.want {
			t.Errorf("request %d, of %s: want %d, have %d", i, test.user, test.want, have)
		}
	}
}
