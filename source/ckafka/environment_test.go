package ckafka_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/source/ckafka"
)

// A variable that can do nothing is told; one that can is not.
func TestWarnings(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	der := server.Certificate().Raw
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	folder := func(content []byte) string {
		path := t.TempDir()
		if err := os.WriteFile(filepath.Join(path, "ca"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, inDER, empty, none := folder(bundle), folder(der), folder(nil), t.TempDir()
	file := func(path string) []string {
		return []string{"SSL_CERT_FILE is ignored: no certificate can be read from " + path + "; name a file in PEM"}
	}
	inFolder := func(path string) []string {
		return []string{"SSL_CERT_DIR is ignored: no certificate can be read from the files in " + path + "; name folders of files in PEM, with colons between"}
	}
	element := func(number string) []string {
		return []string{"NO_PROXY: element " + number + " matches no host; write hosts, domains, IP addresses and CIDR ranges, without a scheme, with commas between"}
	}
	proxied := func(exceptions string) map[string]string {
		return map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": exceptions}
	}
	tests := map[string]struct {
		variables map[string]string
		want      []string
	}{
		"none":                  {nil, nil},
		"a bundle":              {map[string]string{"SSL_CERT_FILE": good + "/ca"}, nil},
		"a missing bundle":      {map[string]string{"SSL_CERT_FILE": "/nowhere/ca"}, file("/nowhere/ca")},
		"a bundle in DER":       {map[string]string{"SSL_CERT_FILE": inDER + "/ca"}, file(inDER + "/ca")},
		"an empty bundle":       {map[string]string{"SSL_CERT_FILE": empty + "/ca"}, file(empty + "/ca")},
		"a folder as bundle":    {map[string]string{"SSL_CERT_FILE": good}, file(good)},
		"a folder":              {map[string]string{"SSL_CERT_DIR": good}, nil},
		"a bundle as folder":    {map[string]string{"SSL_CERT_DIR": good + "/ca"}, inFolder(good + "/ca")},
		"a folder in DER":       {map[string]string{"SSL_CERT_DIR": inDER}, inFolder(inDER)},
		"one folder of two":     {map[string]string{"SSL_CERT_DIR": good + ":" + none}, inFolder(none)},
		"another separator":     {map[string]string{"SSL_CERT_DIR": good + "," + none}, inFolder(good + "," + none)},
		"a proxy for all":       {map[string]string{"all_proxy": "socks5://proxy.example"}, []string{"all_proxy is ignored; set HTTPS_PROXY"}},
		"a proxy for all, too":  {map[string]string{"ALL_PROXY": "socks5://proxy.example", "https_proxy": "socks5://proxy.example"}, nil},
		"all kinds of elements": {proxied("*, localhost,.example.com,*.example.com,EXAMPLE.org:443,10.0.0.1,10.0.0.0/8,::1,[::1]:80,fd00::/8,a_b,"), nil},
		"a URL":                 {proxied("10.0.0.1,https://ckafka.example"), element("2")},
		"a URL with a password": {proxied("https://user:" + planted + "@ckafka.example"), element("1")},
		"a semicolon":           {proxied("a;ckafka.example"), element("1")},
		"a space":               {proxied("a ckafka.example"), element("1")},
		"quotes":                {proxied(`"ckafka.example"`), element("1")},
		"a star within":         {proxied("10.*"), element("1")},
		"a range that is none":  {proxied("10.0.0.0/33"), element("1")},
		"a path":                {proxied("ckafka.example/"), element("1")},
		"nothing to bypass":     {map[string]string{"NO_PROXY": "https://ckafka.example"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have := ckafka.Warnings(func(variable string) string { return test.variables[variable] })
			if diff := cmp.Diff(test.want, have); diff != "" || strings.Contains(strings.Join(have, ""), planted) {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}
