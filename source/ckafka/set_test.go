package ckafka_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// openAccounts returns the set for accounts of these names, and their cloud.
func openAccounts(t *testing.T, log *slog.Logger, names ...string) (set, *cloudsim.Server) {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	cloud := cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	var accounts []ckafka.Account
	for _, name := range names {
		accounts = append(accounts, ckafka.Account{
			Name: name, Credential: credential.Static("id", "key", ""), Regions: []string{region},
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
		})
	}
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	set := open(t, accounts, transport, source.Options{Timeout: time.Hour, Log: log})
	return set, cloud
}

// Snapshots refreshes the targets of one action. Refresh refreshes those of both
// actions that are older than maxAge. Last returns what is known about all targets
// without a call.
func TestReadsOfASet(t *testing.T) {
	set, cloud := openAccounts(t, nil, "prod", "test")
	known := func(snapshots []*source.Snapshot) map[source.Target]bool {
		up := map[source.Target]bool{}
		for _, snapshot := range snapshots {
			up[snapshot.Target] = snapshot.Up()
		}
		return up
	}
	both := func(action source.Action, up bool) map[source.Target]bool {
		return map[source.Target]bool{
			{Account: "prod", Region: region, Action: action}: up,
			{Account: "test", Region: region, Action: action}: up,
		}
	}
	all := func(tasks, connections bool) map[source.Target]bool {
		up := both(source.Tasks, tasks)
		maps.Copy(up, both(source.Connections, connections))
		return up
	}
	refreshed := func(maxAge time.Duration) func() []*source.Snapshot {
		return func() []*source.Snapshot {
			set.Refresh(t.Context(), maxAge)
			return set.Last()
		}
	}
	steps := []struct {
		name  string
		read  func() []*source.Snapshot
		want  map[source.Target]bool
		calls int
	}{
		{"last, before a refresh", set.Last, all(false, false), 0},
		{"the tasks refreshed", func() []*source.Snapshot { return set.Snapshots(t.Context(), source.Tasks) }, both(source.Tasks, true), 2},
		{"last", set.Last, all(true, false), 2},
		{"refreshed what is older than an hour", refreshed(time.Hour), all(true, true), 4},
		{"refreshed, nothing being older", refreshed(time.Hour), all(true, true), 4},
		{"refreshed all", refreshed(0), all(true, true), 8},
	}
	for _, step := range steps {
		if diff := cmp.Diff(step.want, known(step.read())); diff != "" {
			t.Errorf("%s: up (-want +have):\n%s", step.name, diff)
		}
		if have := len(cloud.Calls("", "")); have != step.calls {
			t.Errorf("%s: calls: want %d, have %d", step.name, step.calls, have)
		}
	}
}

// A closed set makes no calls and still returns what it knew.
func TestClosedSetKeepsItsSnapshots(t *testing.T) {
	set, cloud := openAccounts(t, nil, "prod")
	before := set.Snapshots(t.Context(), source.Tasks)
	set.Close()
	after := set.Snapshots(context.WithoutCancel(t.Context()), source.Tasks)
	if before[0] != after[0] || len(cloud.Calls("", "")) != 1 {
		t.Errorf("want the snapshot of before and 1 call, have %v, then %v, and %d calls", before[0], after[0], len(cloud.Calls("", "")))
	}
}

// The log names the account if there is more than one.
func TestLogNamesTheAccountOfSeveral(t *testing.T) {
	for want, names := range map[int][]string{0: {"common"}, 2: {"prod", "test"}} {
		var log bytes.Buffer
		set, cloud := openAccounts(t, slog.New(slog.NewTextHandler(&log, nil)), names...)
		cloud.Always("", "", cloudsim.Error("AuthFailure.TokenFailure", "no"))
		for range names {
			set.Snapshots(t.Context(), source.Tasks)
		}
		set.Close()
		if have := strings.Count(log.String(), " account="); have != want {
			t.Errorf("%v: lines that name an account: want %d, have %d in:\n%s", names, want, have, &log)
		}
	}
}

// A reload keeps the targets that stay, with the new credential, and ends those
// that are gone.
func TestReloadOfASet(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	fleet := cloudsim.NewInventory(region, "ap-shanghai")
	fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Status: 6})
	cloud := cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	account := func(name, key string, regions ...string) ckafka.Account {
		return ckafka.Account{
			Name: name, Credential: credential.Static("id", key, ""), Regions: regions,
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
		}
	}
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	set := open(t, []ckafka.Account{account("prod", "key", region)}, transport, source.Options{
		Timeout: time.Hour, MinInterval: time.Second, StaleAfter: time.Hour, Now: func() time.Time { return now },
	})
	type target struct {
		name     string
		up       bool
		failures int64
		items    int
	}
	steps := []struct {
		name     string
		accounts []ckafka.Account
		want     []target
	}{
		{"at first", nil, []target{{"prod ap-guangzhou", true, 0, 1}}},
		{"a revoked key", []ckafka.Account{account("prod", "revoked", region)}, []target{{"prod ap-guangzhou", false, 1, 1}}},
		{"still", nil, []target{{"prod ap-guangzhou", false, 2, 1}}},
		{"the right key", []ckafka.Account{account("prod", "key", region)}, []target{{"prod ap-guangzhou", true, 2, 1}}},
		{
			"another account and region",
			[]ckafka.Account{account("test", "key", "ap-shanghai"), account("prod", "key", region, "ap-shanghai")},
			[]target{{"test ap-shanghai", true, 0, 0}, {"prod ap-guangzhou", true, 2, 1}, {"prod ap-shanghai", true, 0, 0}},
		},
		{"less", []ckafka.Account{account("test", "key", "ap-shanghai")}, []target{{"test ap-shanghai", true, 0, 0}}},
		{"what was gone begins anew", []ckafka.Account{account("prod", "key", region)}, []target{{"prod ap-guangzhou", true, 0, 1}}},
	}
	for _, step := range steps {
		if step.accounts != nil {
			set.Reload(step.accounts)
		}
		now = now.Add(time.Minute)
		var have []target
		for _, s := range set.Snapshots(t.Context(), source.Tasks) {
			have = append(have, target{s.Target.Account + " " + s.Target.Region, s.Up(), s.Failures, len(s.Listing.Items)})
		}
		if diff := cmp.Diff(step.want, have, cmp.AllowUnexported(target{})); diff != "" {
			t.Errorf("%s (-want +have):\n%s", step.name, diff)
		}
	}
}

// A reload makes no call, and a reload of a closed set opens nothing.
func TestReloadMakesNoCall(t *testing.T) {
	set, cloud := openAccounts(t, nil, "prod")
	before := set.Snapshots(t.Context(), source.Tasks)
	accounts := []ckafka.Account{{Name: "prod", Regions: []string{region}}}
	set.Reload(accounts)
	if after := set.Last(); after[0] != before[0] || len(cloud.Calls("", "")) != 1 {
		t.Errorf("want the snapshot of before and 1 call, have %v and %d", after[0], len(cloud.Calls("", "")))
	}
	set.Close()
	set.Reload(append(accounts, ckafka.Account{Name: "test", Regions: []string{region}}))
	if have := len(set.Last()); have != 2 {
		t.Errorf("targets of a closed set: want those of one account, 2, have %d", have)
	}
}
