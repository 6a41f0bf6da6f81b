package otlp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"

	"datahub_exporter/internal/otlp"
)

// certificate makes a certificate for 127.0.0.1 and collector.example that is its
// own authority, and writes it and its key as PEM.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"collector.example"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: signed}, keyFile: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// Each file is checked at the start, whether a key or a variable names it.
func TestFilesAreValidatedAtTheStart(t *testing.T) {
	certFile, keyFile := certificate(t)
	dir := t.TempDir()
	large := filepath.Join(dir, "large.pem")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 1<<40); err != nil {
		t.Fatal(err)
	}
	secure := otlp.Endpoint{Scheme: "https", Host: "127.0.0.1:4317"}
	both := func(certificate, key string) map[string]string {
		return map[string]string{"CLIENT_CERTIFICATE": certificate, "CLIENT_KEY": key}
	}
	tests := map[string]struct {
		options     otlp.Options
		environment map[string]string
		want        []string
	}{
		"TLS in the clear":              {otlp.Options{Endpoint: otlp.Endpoint{Scheme: "http", Host: "x:1"}, CAFile: certFile}, nil, []string{"ca_file", "need an https endpoint"}},
		"no authority":                  {otlp.Options{Endpoint: secure, CAFile: "/nowhere/ca.pem"}, nil, []string{"ca_file /nowhere/ca.pem: no such file"}},
		"an authority that is a key":    {otlp.Options{Endpoint: secure, CAFile: keyFile}, nil, []string{"ca_file", "contains no PEM certificate"}},
		"an authority of a terabyte":    {otlp.Options{Endpoint: secure, CAFile: large}, nil, []string{"ca_file", "is larger than 1 MiB"}},
		"a certificate alone":           {otlp.Options{Endpoint: secure, CertFile: certFile}, nil, []string{"cert_file and key_file belong together"}},
		"a key alone":                   {otlp.Options{Endpoint: secure, KeyFile: keyFile}, nil, []string{"cert_file and key_file belong together"}},
		"the wrong way round":           {otlp.Options{Endpoint: secure, CertFile: keyFile, KeyFile: certFile}, nil, []string{"cert_file " + keyFile, "key_file"}},
		"a variable: no authority":      {otlp.Options{Endpoint: secure}, map[string]string{"CERTIFICATE": "/nowhere/ca.pem"}, []string{"ca_file /nowhere/ca.pem: no such file"}},
		"a variable: without PEM":       {otlp.Options{Endpoint: secure}, map[string]string{"METRICS_CERTIFICATE": keyFile}, []string{"ca_file " + keyFile, "contains no PEM certificate"}},
		"a variable: certificate alone": {otlp.Options{Endpoint: secure}, map[string]string{"CLIENT_CERTIFICATE": certFile}, []string{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"}},
		"a variable: no pair":           {otlp.Options{Endpoint: secure}, both(certFile, certFile), []string{"cert_file " + certFile, "key_file"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			settings, err := otlp.Resolve(otlp.Flags{}, &test.options, exporterVariables(test.environment))
			if err == nil {
				_, err = otlp.New(t.Context(), settings, resource.Empty(), new(log).logger())
			}
			if err == nil {
				t.Fatal("want an error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want %q, have %v", want, err)
				}
			}
		})
	}
}

// exporterVariables returns an environment of variables that are named by what
// follows OTEL_EXPORTER_OTLP_.
func exporterVariables(values map[string]string) func(string) string {
	return func(name string) string {
		suffix, ours := strings.CutPrefix(name, "OTEL_EXPORTER_OTLP_")
		if !ours {
			return ""
		}
		return values[suffix]
	}
}
