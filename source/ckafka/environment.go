package ckafka

import (
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"datahub_exporter/internal/secret"
)

// maxBundle caps a file of certificates in bytes: the public authorities together take a
// quarter of a MiB.
const maxBundle = 16 << 20

// Warnings returns a line for each variable about proxies and certificates that is set and
// can do nothing: Go passes over it without a word.
func Warnings(getenv func(string) string) []string {
	var warnings []string
	warn := func(format string, values ...any) { warnings = append(warnings, fmt.Sprintf(format, values...)) }
	if file := getenv("SSL_CERT_FILE"); file != "" && !hasCertificate(file) {
		warn("SSL_CERT_FILE is ignored: no certificate can be read from %s; name a file in PEM", file)
	}
	for folder := range strings.SplitSeq(getenv("SSL_CERT_DIR"), ":") {
		files, _ := filepath.Glob(filepath.Join(folder, "*"))
		if folder != "" && !hasCertificate(files...) {
			warn("SSL_CERT_DIR is ignored: no certificate can be read from the files in %s; name folders of files in PEM, with colons between", folder)
		}
	}
	_, proxy := standardVariable(getenv, "HTTPS_PROXY")
	_, plainProxy := standardVariable(getenv, "HTTP_PROXY")
	if name, value := standardVariable(getenv, "ALL_PROXY"); value != "" && proxy == "" {
		warn("%s is ignored; set HTTPS_PROXY", name)
	}
	name, exceptions := standardVariable(getenv, "NO_PROXY")
	if proxy+plainProxy == "" {
		return warnings
	}
	number := 0
	for element := range strings.SplitSeq(exceptions, ",") {
		number++
		if !mayBypass(strings.TrimSpace(element)) {
			warn("%s: element %d matches no host; write hosts, domains, IP addresses and CIDR ranges, without a scheme, with commas between", name, number)
		}
	}
	return warnings
}

// standardVariable returns the variable that net/http uses for a name, and its value: it
// prefers the upper case.
func standardVariable(getenv func(string) string, name string) (used, value string) {
	if value := getenv(name); value != "" {
		return name, value
	}
	used = strings.ToLower(name)
	return used, getenv(used)
}

// hasCertificate reports whether a certificate can be read from one of the files.
func hasCertificate(files ...string) bool {
	return slices.ContainsFunc(files, func(file string) bool {
		content, err := secret.ReadRegularFile(file, maxBundle)
		return err == nil && x509.NewCertPool().AppendCertsFromPEM(content)
	})
}

// mayBypass reports whether an element of NO_PROXY can match a host.
func mayBypass(element string) bool {
	if _, _, err := net.ParseCIDR(element); err == nil || element == "*" {
		return true
	}
	return !strings.ContainsAny(strings.TrimPrefix(element, "*."), " \t;/*\"'")
}
