package ckafka_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
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

// openRegions returns a set with one account for each argument, a name and its
// regions, and their cloud.
func openRegions(t *testing.T, accountRegions ...[]string) (set, *cloudsim.Server) {
	t.Helper()
	cloud := cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: cloudsim.NewInventory("ap-guangzhou", "ap-shanghai", "ap-beijing")})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	var accounts []ckafka.Account
	for _, names := range accountRegions {
		accounts = append(accounts, ckafka.Account{
			Name: names[0], Credential: credential.Static("id", "key", ""), Regions: names[1:],
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
		})
	}
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	set := open(t, accounts, transport, source.Options{Timeout: time.Hour})
	return set, cloud
}

// Exactly the selected targets are refreshed and returned. A name that selects
// nothing is an error that says which names exist, and makes no call to the API.
func TestSelect(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := map[string]struct {
		accounts, regions []string
		want              []string
		err               string
	}{
		"all":                        {nil, nil, []string{"prod/ap-guangzhou", "prod/ap-shanghai", "测试/ap-shanghai"}, ""},
		"an account":                 {[]string{"prod"}, nil, []string{"prod/ap-guangzhou", "prod/ap-shanghai"}, ""},
		"a region":                   {nil, []string{"ap-shanghai"}, []string{"prod/ap-shanghai", "测试/ap-shanghai"}, ""},
		"both":                       {[]string{"测试"}, []string{"ap-shanghai"}, []string{"测试/ap-shanghai"}, ""},
		"several, one twice":         {[]string{"测试", "prod", "prod"}, []string{"ap-shanghai"}, []string{"prod/ap-shanghai", "测试/ap-shanghai"}, ""},
		"no such account":            {[]string{"prod", "prd"}, nil, nil, `there is no account "prd"; there is prod, 测试`},
		"no such region":             {[]string{"prod"}, []string{"ap-shanghai", "ap-beijing"}, nil, `there is no region "ap-beijing"; there is ap-guangzhou, ap-shanghai`},
		"an empty name":              {nil, []string{""}, nil, `there is no region ""; there is ap-guangzhou, ap-shanghai`},
		"a long name":                {[]string{long}, nil, nil, `there is no account with a name of 300 bytes; there is prod, 测试`},
		"a region of another":        {[]string{"测试"}, []string{"ap-guangzhou"}, nil, `account "测试" has no target in this selection`},
		"an account of another":      {[]string{"测试", "prod"}, []string{"ap-guangzhou"}, nil, `account "测试" has no target in this selection`},
		"a region of no account":     {[]string{"测试"}, []string{"ap-shanghai", "ap-guangzhou"}, nil, `region "ap-guangzhou" has no target in this selection`},
		"a line break is not a line": {[]string{"a\nb"}, nil, nil, `there is no account "a\nb"; there is prod, 测试`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			set, cloud := openRegions(t, []string{"prod", "ap-guangzhou", "ap-shanghai"}, []string{"测试", "ap-shanghai"})
			selected, all, err := set.Select(t.Context(), source.Tasks, source.Selection{Accounts: test.accounts, Regions: test.regions})
			var have []string
			for _, snapshot := range selected {
				if !snapshot.Up() {
					t.Errorf("%v: want it refreshed", snapshot.Target)
				}
				have = append(have, snapshot.Target.Account+"/"+snapshot.Target.Region)
			}
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("selected (-want +have):\n%s", diff)
			}
			if calls := len(cloud.Calls("", "")); calls != len(test.want) {
				t.Errorf("calls: want one for each selected target, %d, have %d", len(test.want), calls)
			}
			if test.err == "" {
				if err != nil || len(all) != 3 {
					t.Errorf("want no error and three targets in all, have %v, %d", err, len(all))
				}
				return
			}
			if err == nil || err.Error() != test.err {
				t.Errorf("want %s, have %v", test.err, err)
			}
		})
	}
}

// An error about a name is short, however many names exist.
func TestSelectNamesSomeOfMany(t *testing.T) {
	var accountRegions [][]string
	for i := range 150 {
		accountRegions = append(accountRegions, []string{fmt.Sprintf("account-%03d", i), "ap-guangzhou"})
	}
	set, _ := openRegions(t, accountRegions...)
	_, _, err := set.Select(t.Context(), source.Tasks, source.Selection{Accounts: []string{"nobody"}})
	if err == nil || !strings.HasSuffix(err.Error(), ", account-098, account-099 and 50 more") {
		t.Errorf("want a hundred accounts and 50 more, have %v", err)
	}
}

// A target that a reload removes can no longer be selected, and one that it adds
// can be selected at once.
func TestSelectAfterAReload(t *testing.T) {
	set, _ := openRegions(t, []string{"prod", "ap-guangzhou"})
	set.Reload([]ckafka.Account{{Name: "prod", Credential: credential.Static("id", "key", ""), Regions: []string{"ap-beijing"}}})
	ended, end := context.WithCancel(t.Context()) // a reader that has gone causes no calls to the API
	end()
	for region, want := range map[string]bool{"ap-guangzhou": false, "ap-beijing": true} {
		selection := source.Selection{Regions: []string{region}}
		_, all, err := set.Select(ended, source.Connections, selection)
		if (err == nil) != want || want != slices.ContainsFunc(all, func(s *source.Snapshot) bool { return s.Target.Region == region }) {
			t.Errorf("%s: want it there: %t, have %v", region, want, err)
		}
	}
}
