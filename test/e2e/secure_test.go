package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// password and its bcrypt hash in the format of htpasswd.
const (
	password     = "of the document's test"
	passwordHash = "$2a$04$KzHhGaP1lErSsTkxlRkFyudfTCG4gOh6BQIjG7ECLGqGU5lINLx9."
)

// A Prometheus with the documented job scrapes an exporter with the documented web
// configuration; without the password, even a health check is refused.
func TestScrapeWithTLSAndAPassword(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	certificate, key := selfSigned(t)
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := []string{
		"/etc/datahub_exporter/tls.crt", write("tls.crt", certificate),
		"/etc/datahub_exporter/tls.key", write("tls.key", key),
		"/etc/prometheus/datahub_exporter.ca.crt", write("ca.crt", certificate),
		"/etc/prometheus/datahub_exporter.password", write("password", []byte(password)),
		"$2y$10$…", passwordHash,
	}
	web := write("web.yml", []byte(strings.NewReplacer(files...).Replace(manualSnippet(t, "tls_server_config:"))))
	exporter := startExporter(t, startCloud(t, task(1)), "--web.config.file="+web)

	files = append(files, "exporter.example:48080", exporter.address, "scrape_interval: 1m", "scrape_interval: 1s")
	config := write("prometheus.yml", []byte(strings.NewReplacer(files...).Replace(manualSnippet(t, "    basic_auth:"))))
	server := startPrometheus(t, "prometheus2", config)
	eventually(t, func() error {
		value, err := server.value(t, `datahub_task_status{job="datahub-exporter-datahub-task"}`)
		if err != nil || value != 1 {
			return fmt.Errorf("want the status 1, have %v: %w", value, orNotYet(err))
		}
		return nil
	})

	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(certificate)
	for user, want := range map[string]int{"": http.StatusUnauthorized, "prometheus": http.StatusOK} {
		if have := probe(t, "https://"+exporter.address+"/-/healthy", authorities, user); have != want {
			t.Errorf("a probe as %q: want %d, have %d", user, want, have)
		}
	}
}

// manualSnippet returns the only snippet of the operations manual that contains a
// text.
func manualSnippet(t testing.TB, text string) string {
	t.Helper()
	for _, snippet := range snippetsOf(t, "docs/operations.md") {
		if strings.Contains(snippet.text, text) {
			return snippet.text
		}
	}
	t.Fatalf("docs/operations.md has no snippet with %q", text)
	return ""
}

// selfSigned returns a self-signed certificate for this machine, and its key.
func selfSigned(t testing.TB) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

// probe returns the status of a response; if a user is given, the request has the
// password.
func probe(t *testing.T, url string, authorities *x509.CertPool, user string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		request.SetBasicAuth(user, password)
	}
	client := clientTrusting(authorities)
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func clientTrusting(authorities *x509.CertPool) *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}}}
}
