package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"datahub_exporter/internal/app"
	"datahub_exporter/internal/cloudsim"
)

// Many targets are queried concurrently, and each is reported.
func TestManyTargets(t *testing.T) {
	site := open(t, 0)
	var out bytes.Buffer
	options := site.options(&out)
	options.JSON = true
	for i := range 299 {
		account := site.account
		account.Name = fmt.Sprintf("a%03d", i)
		options.Accounts = append(options.Accounts, account)
	}
	if err := app.Check(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	if report := decode(t, &out); !report.Passed || len(report.Checks) != 600 {
		t.Errorf("want 600 that passed, have %v, %d", report.Passed, len(report.Checks))
	}
	connections := map[string]bool{}
	for _, call := range site.cloud.Calls("", "") {
		connections[call.Connection] = true
	}
	if len(connections) < 2 {
		t.Errorf("want several connections at once, have %d", len(connections))
	}
}

// A signal ends a check that is waiting, and there are no findings.
func TestASignalEndsACheck(t *testing.T) {
	site := open(t, 0)
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := errors.New("terminated")
	site.cloud.Always("", "", func(a *cloudsim.Answer) {
		cancel(ended)
		a.Hang = true
	})
	var out bytes.Buffer
	if err := app.Check(ctx, site.options(&out)); !errors.Is(err, ended) || out.Len() > 0 {
		t.Errorf("want the signal and no findings, have %v and %q", err, &out)
	}
}

// A recording that cannot be written fails the check, and the document for programs
// says so.
func TestRecordingThatCannotBeMade(t *testing.T) {
	site := open(t, 0)
	var out bytes.Buffer
	options := site.options(&out)
	options.JSON, options.Record = true, t.TempDir()
	if err := os.WriteFile(filepath.Join(options.Record, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := app.Check(t.Context(), options)
	if report := decode(t, &out); err == nil || report.Passed || !strings.Contains(report.Error, "is not empty") || len(site.cloud.Calls("", "")) != 0 {
		t.Errorf("want the folder refused before a call, have %v and %+v", err, report)
	}
	out.Reset()
	options.Record = filepath.Join(options.Record, "new")
	site.cloud.Always("", "", cloudsim.RawBody("text/plain", "no JSON, but "+cloudsim.DatabasePassword))
	err = app.Check(t.Context(), options)
	report := decode(t, &out)
	if err == nil || report.Passed || !strings.Contains(report.Error, "is not JSON") || strings.Contains(out.String(), cloudsim.DatabasePassword) {
		t.Errorf("want that nothing could be recorded, have %v and %+v", err, report)
	}
}
