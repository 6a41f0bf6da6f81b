package otlp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
)

// tls reads the files that the settings name. It returns nil for a push without
// TLS.
func (s *Settings) tls(ctx context.Context) (*tls.Config, error) {
	if !s.Secure {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Authority.Path != "" {
		pem, err := s.Authority.read(ctx)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s names %s: holds no certificate in PEM", s.Authority.Name, s.Authority.Path)
		}
	}
	if s.Certificate.Path != "" {
		pair, err := s.pair(ctx)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// pair reads the exporter's own certificate and its key.
func (s *Settings) pair(ctx context.Context) (tls.Certificate, error) {
	certificate, err := s.Certificate.read(ctx)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := s.Key.read(ctx)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s names %s, and %s %s: %w", s.Certificate.Name, s.Certificate.Path, s.Key.Name, s.Key.Path, err)
	}
	return pair, nil
}
