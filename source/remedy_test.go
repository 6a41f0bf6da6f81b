package source

import (
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"unicode"
)

func TestRemedies(t *testing.T) {
	for want, failure := range map[string]*Error{
		"correct this machine's clock": {Class: Auth, Code: "AuthFailure.SignatureExpire"},
		"check secret_id":              {Class: Auth, Code: "AuthFailure.SecretIdNotFound"},
		"QcloudCkafkaReadOnlyAcc":      {Class: Permission, Code: "UnauthorizedOperation"},
		"check region":                 {Class: Parameter, Code: "UnsupportedRegion"},
		"lower --ckafka.qps":           {Class: Throttled, Code: "RequestLimitExceeded"},
		"check endpoint, DNS":          {Class: Network},
		"SSL_CERT_FILE":                {Class: Network, cause: x509.UnknownAuthorityError{}},
		"check HTTPS_PROXY":            {Class: Network, cause: &net.OpError{Op: "proxyconnect"}},
		"HTTP_PROXY for an http":       {Class: Server, final: true, proxied: true},
		"machine's DNS":                {Class: Network, cause: &net.DNSError{IsNotFound: true}},
		"raise --ckafka.timeout":       {Class: Timeout},
		"Tencent Cloud support":        {Class: Server, Code: "InternalError"},
		"is not in the API's":          {Class: Server, final: true},
		"API's documented format":      {Class: Decode},
	} {
		have := failure.Remedy()
		if !strings.Contains(have.English, want) {
			t.Errorf("%s: want %q in the remedy, have %q", failure.Code, want, have.English)
		}
		if !strings.ContainsFunc(have.Chinese, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: want a Chinese remedy, have %q", failure.Code, have.Chinese)
		}
	}
}
