package otlp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"

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
			return nil, fmt.Errorf("ca_file %s: contains no PEM certificate", s.CAFile)
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
		return nil, fmt.Errorf("cert_file %s, key_file %s: %w", s.CertFile, s.KeyFile, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// readFile reads the file that a key of the file or its variable names.
func readFile(ctx context.Context, key, path string) ([]byte, error) {
	content, err := secret.ReadFile(ctx, path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", key, path, err)
	}
	return content, nil
}
