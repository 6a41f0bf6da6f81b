package source_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/credential"
	"datahub_exporter/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/cloudsim"
)

// openAccounts returns the set for accounts of these names, and their cloud.
func openAccounts(t *testing.T, log *slog.Logger, names ...string) (*source.Set, *cloudsim.Server) {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	cloud := cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	var accounts []source.Account
	for _, name := range names {
		accounts = append(accounts, source.Account{
			Name: name, Credential: credential.Static("id", "key", ""), Regions: []string{region},
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
		})
	}
	transport := source.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	set := source.Open(accounts, transport, source.Options{Timeout: time.Hour, Log: log})
	t.Cleanup(set.Close)
	return set, cloud
}

// The targets of an action are refreshed by Snapshots and by nothing else; Last
// returns what they know without a call.
func TestSetIsReadWithAndWithoutARefresh(t *testing.T) {
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
	steps := []struct {
		name  string
		read  func() []*source.Snapshot
		want  map[source.Target]bool
		calls int
	}{
		{"last, before a refresh", func() []*source.Snapshot { return set.Last(source.Tasks) }, both(source.Tasks, false), 0},
		{"refreshed", func() []*source.Snapshot { return set.Snapshots(t.Context(), source.Tasks) }, both(source.Tasks, true), 2},
		{"last", func() []*source.Snapshot { return set.Last(source.Tasks) }, both(source.Tasks, true), 2},
		{"last of another action", func() []*source.Snapshot { return set.Last(source.Connections) }, both(source.Connections, false), 2},
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

// A set that is closed asks nothing and still says what it knew.
func TestClosedSetKeepsWhatItKnew(t *testing.T) {
	set, cloud := openAccounts(t, nil, "prod")
	before := set.Snapshots(t.Context(), source.Tasks)
	set.Close()
	after := set.Snapshots(context.WithoutCancel(t.Context()), source.Tasks)
	if before[0] != after[0] || len(cloud.Calls("", "")) != 1 {
		t.Errorf("want the snapshot of before and 1 call, have %v, then %v, and %d calls", before[0], after[0], len(cloud.Calls("", "")))
	}
}

// The log names the account where there is more than one.
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
