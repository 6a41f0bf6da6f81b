package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	toolkit "github.com/prometheus/exporter-toolkit/web"

	"datahub_exporter/internal/web"
)

// authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := &authority{key: newKey(t)}
	content, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(content); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue returns a certificate for 127.0.0.1, and its key, as PEM.
func (a *authority) issue(t *testing.T, serial int64) (certificate, key []byte) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	own := newKey(t)
	content, err := x509.CreateCertificate(rand.Reader, template, a.certificate, own.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", content), block("PRIVATE KEY", encoded)
}

func block(kind string, content []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
}

// client returns a client that trusts the authority, and presents a certificate of
// issuer unless that is nil. It opens a connection for each request.
func (a *authority) client(t *testing.T, issuer *authority) *http.Client {
	t.Helper()
	trusted := x509.NewCertPool()
	trusted.AddCert(a.certificate)
	config := &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	if issuer != nil {
		certificate, err := tls.X509KeyPair(issuer.issue(t, 100))
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// folder holds the files of a web configuration.
type folder string

// put replaces a file atomically, as a program that renews certificates does.
func (f folder) put(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join(string(f), name)
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// serveSecured serves a handler with the file web.yml of the folder until the test
// ends, and returns its address.
func (f folder) serveSecured(t *testing.T, config string, handler http.Handler) string {
	t.Helper()
	f.put(t, "web.yml", []byte(config))
	path, systemd := filepath.Join(string(f), "web.yml"), false
	addresses, ended := make(chan net.Addr, 1), make(chan error, 1)
	ctx, end := context.WithCancel(context.Background())
	go func() {
		ended <- web.Server{
			Handler: handler, HandlerTimeout: time.Hour, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), OnDrain: func() {},
			Flags:    &toolkit.FlagConfig{WebListenAddresses: &[]string{"127.0.0.1:0"}, WebSystemdSocket: &systemd, WebConfigFile: &path},
			OnListen: func(address net.Addr) { addresses <- address },
		}.Serve(ctx)
	}()
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case address := <-addresses:
		return address.String()
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return ""
}
