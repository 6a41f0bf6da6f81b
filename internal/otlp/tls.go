package otlp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"

	"golang.org/x/net/http/httpproxy"

	"datahub_exporter/internal/secret"
)

// maxFile caps a file in bytes. A larger one is almost certainly the wrong file: all
// public certificate authorities together take a quarter of it.
const maxFile = 1 << 20

// tls reads the certificate files, because the SDK ignores one without PEM. It
// returns nil for a push without TLS.
func (s *Settings) tls(ctx context.Context) (*tls.Config, error) {
	if !s.secure() {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		pem, err := readFile(ctx, "ca_file", s.CAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca_file names %s: holds no certificate in PEM", s.CAFile)
		}
	}
	if s.CertFile == "" {
		return config, nil
	}
	certificate, err := readFile(ctx, "cert_file", s.CertFile)
	if err != nil {
		return nil, err
	}
	key, err := readFile(ctx, "key_file", s.KeyFile)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("cert_file names %s, and key_file %s: %w", s.CertFile, s.KeyFile, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// readFile reads the file that a key names, or the variable that stands for it.
func readFile(ctx context.Context, key, path string) ([]byte, error) {
	content, err := secret.ReadFile(ctx, path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s names %s: %w", key, path, err)
	}
	return content, nil
}

// checkProxy refuses a proxy that gRPC would send its password in the clear: gRPC
// takes any proxy for one of HTTP. Its errors do not repeat the address.
func (s *Settings) checkProxy() error {
	if s.Protocol != GRPC || s.Endpoint.Scheme == "unix" {
		return nil
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(&url.URL{Scheme: "https", Host: s.Endpoint.Host})
	if err != nil || proxy != nil && proxy.Scheme != "http" {
		return errors.New("a push over gRPC goes through a proxy of http only; name the collector's host in NO_PROXY, or another proxy in HTTPS_PROXY")
	}
	return nil
}
