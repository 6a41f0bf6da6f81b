package ckafka_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// accountState is what is known about a target.
type accountState struct {
	Up       bool
	Failures int64
	Items    int
}

// byAccount returns what is known about the targets of each account, which must be
// the same for all its regions.
func byAccount(t *testing.T, snapshots []*source.Snapshot, regions int) map[string]accountState {
	t.Helper()
	known, count := map[string]accountState{}, map[string]int{}
	for _, snapshot := range snapshots {
		have := accountState{Up: snapshot.Up(), Failures: snapshot.Failures}
		if snapshot.Listing != nil {
			have.Items = len(snapshot.Listing.Items)
		}
		account := snapshot.Target.Account
		if before, ok := known[account]; ok && before != have {
			t.Errorf("%v: have %+v, and in another region %+v", snapshot.Target, have, before)
		}
		known[account] = have
		count[account]++
	}
	for account, have := range count {
		if have != regions {
			t.Errorf("%s: want %d regions, have %d", account, regions, have)
		}
	}
	return known
}

// If the key of one of two accounts is revoked, the other is not affected. The
// revoked account keeps its statuses for StaleAfter and recovers with a new key
// file.
func TestRevokedKeyAffectsItsAccountOnly(t *testing.T) {
	regions := []string{"ap-guangzhou", "ap-shanghai", "na-siliconvalley"}
	directory := t.TempDir()
	files := func(name, id, key string) credential.Options {
		return credential.Options{
			SecretIDFile:  putFile(t, filepath.Join(directory, name+"-id"), id),
			SecretKeyFile: putFile(t, filepath.Join(directory, name+"-key"), key),
		}
	}
	prod, test := files("prod", "AKIDprod", "key-of-prod"), files("test", "AKIDtest", "key-of-test")
	synctest.Test(t, func(t *testing.T) {
		fleet := cloudsim.NewInventory()
		for _, region := range regions {
			fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Status: 1}, cloudsim.Item{ID: "task-2", Status: 4})
		}
		cloud := cloudsim.New(cloudsim.Options{Fleet: fleet})
		cloud.Grant("AKIDprod", "key-of-prod", "")
		cloud.Grant("AKIDtest", "key-of-test", "")
		wire := serve(t, cloud)
		transport := wire.transport()
		t.Cleanup(transport.CloseIdleConnections)
		at := endpoint.Endpoint{Scheme: "http", Host: "api"}
		set := open(t, []ckafka.Account{
			{Name: "prod", Credential: prod, Regions: regions, Endpoint: at},
			{Name: "test", Credential: test, Regions: regions, Endpoint: at},
		}, transport, source.Options{Timeout: 8 * time.Second, MinInterval: 10 * time.Second, StaleAfter: 5 * time.Minute})
		well := accountState{Up: true, Items: 2}
		for minute, want := range []accountState{
			well, // then the key is revoked
			{Failures: 1, Items: 2},
			{Failures: 2, Items: 2},
			{Failures: 3, Items: 2},
			{Failures: 4, Items: 2},
			{Failures: 5},
			{Failures: 6}, // stale; then a new key is granted
			{Up: true, Failures: 6, Items: 2},
		} {
			have := byAccount(t, set.Snapshots(t.Context(), source.Tasks), len(regions))
			if diff := cmp.Diff(map[string]accountState{"prod": well, "test": want}, have); diff != "" {
				t.Errorf("minute %d (-want +have):\n%s", minute, diff)
			}
			switch minute {
			case 0:
				cloud.Revoke("AKIDtest")
			case 6:
				cloud.Grant("AKIDtest2", "another-key-of-test", "")
				files("test", "AKIDtest2", "another-key-of-test")
			}
			time.Sleep(time.Minute)
		}
	})
}

// The number of concurrent calls of many targets is limited, and a call that hangs
// stops counting after a second.
func TestCallsInFlightAreLimited(t *testing.T) {
	const bound, latency = 200, 50 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		cloud := cloudsim.New(cloudsim.Options{
			SecretID: "id", SecretKey: "key", Fleet: cloudsim.NewInventory(region), Latency: latency,
		})
		wire := serve(t, cloud)
		transport := wire.transport()
		t.Cleanup(transport.CloseIdleConnections)
		watch := func(count int) set {
			var accounts []ckafka.Account
			for i := range count {
				accounts = append(accounts, ckafka.Account{
					Name: strconv.Itoa(i), Credential: credential.Static("id", "key", ""),
					Regions: []string{region}, Endpoint: endpoint.Endpoint{Scheme: "http", Host: "api"},
				})
			}
			return open(t, accounts, transport, source.Options{Timeout: 8 * time.Second})
		}
		refresh := func(set set) time.Duration {
			t.Helper()
			begin := time.Now()
			for _, snapshot := range set.Snapshots(t.Context(), source.Tasks) {
				if !snapshot.Up() {
					t.Fatalf("have %v", snapshot.Err)
				}
			}
			return time.Since(begin)
		}
		if took := refresh(watch(1000)); took != 1000/bound*latency {
			t.Errorf("1,000 calls of 50 ms took %v", took)
		}
		if have := wire.dials(); have != bound {
			t.Errorf("connections: want %d, have %d", bound, have)
		}
		cloud.Always(cloudsim.DescribeConnectResources, "", cloudsim.Hang())
		set := watch(2 * bound)
		go set.Snapshots(t.Context(), source.Connections)
		synctest.Wait() // until they count against the limit
		if took := refresh(set); took < time.Second || took > 3*time.Second {
			t.Errorf("behind %d calls that hang: took %v", 2*bound, took)
		}
	})
}
