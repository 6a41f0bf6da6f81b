package app_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"datahub_exporter/internal/app"
	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
)

// The role of a virtual machine is checked like other credentials, and its session
// is never shown, although the API repeats it.
func TestRoleOfAMachine(t *testing.T) {
	site := serve(t, cloudsim.Options{Roles: []cloudsim.Role{{Machine: "monitor"}}, Fleet: cloudsim.NewInventory(region)})
	dialer := new(net.Dialer)
	site.transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, site.address) // whichever host is dialed
	}
	site.account.Credential = credential.Options{}
	site.account.Endpoint = endpoint.Endpoint{Scheme: "http", Host: "api"}
	folder := filepath.Join(t.TempDir(), "recording")
	var out bytes.Buffer
	options := site.options(&out)
	options.Record = folder
	if err := app.Check(t.Context(), options); err != nil {
		t.Errorf("want a check that passes, have %v and:\n%s", err, &out)
	}
	site.cloud.Always(string(source.Tasks), "", func(a *cloudsim.Answer) {
		number := strings.TrimPrefix(a.SecretID, "AKIDsession")
		a.Code, a.Message = "InternalError", "you sent "+a.SecretID+" SessionKey"+number+" SessionToken"+number
	})
	options.Record, options.JSON = "", true
	if err := app.Check(t.Context(), options); err == nil {
		t.Error("want an error")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("want 2 files, have %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	output := out.String()
	for _, hidden := range []string{"AKIDsession", "SessionKey", "SessionToken"} {
		if strings.Contains(output, hidden) {
			t.Errorf("%s is in:\n%s", hidden, output)
		}
	}
	if !strings.Contains(output, "you sent <secret> <secret> <secret>") {
		t.Errorf("want what the API repeats without it, have:\n%s", output)
	}
}
