package ckafka

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"unicode"

	"datahub_exporter/source"
)

func TestAdvice(t *testing.T) {
	network := func(err error) *source.Error { return networkError(context.Background(), err, "") }
	for want, failure := range map[string]*source.Error{
		"correct this machine's clock": apiError("AuthFailure.SignatureExpire", "", ""),
		"check secret_id, secret_key":  apiError("AuthFailure.SecretIdNotFound", "", ""),
		"bind a role to this machine":  noCredential(errors.New("none")),
		"secret_key is that of":        apiError("AuthFailure.SignatureFailure", "", ""),
		"replaces the Host header":     apiError("AuthFailure.SignatureFailure", "", ""),
		"SSL_CERT_FILE":                network(x509.UnknownAuthorityError{}),
		"check HTTPS_PROXY":            network(&net.OpError{Op: "proxyconnect", Err: errors.New("refused")}),
		"machine's DNS":                network(&net.DNSError{IsNotFound: true}),
		"check endpoint, DNS":          network(errors.New("anything else")),
	} {
		have := failure.Remedy()
		if !strings.Contains(have.English, want) {
			t.Errorf("%v: want %q in the remedy, have %q", failure, want, have.English)
		}
		if !strings.ContainsFunc(have.Chinese, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%v: want a Chinese remedy, have %q", failure, have.Chinese)
		}
	}
}
