package instrument_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

var bothRegions = []string{"ap-guangzhou", "ap-shanghai"}

// accountsRig is an exposition of the tasks of several accounts.
type accountsRig struct {
	cloud      *cloudsim.Server
	api        *ckafka.API
	set        *source.Set
	exposition http.Handler
	account    func(name string) ckafka.Account // in both regions
}

func newAccountsRig(t *testing.T, minInterval time.Duration, names ...string) *accountsRig {
	t.Helper()
	fleet := cloudsim.NewInventory(bothRegions...)
	for i, region := range bothRegions {
		fleet.Set(cloudsim.DescribeDatahubTasks, region,
			cloudsim.Item{ID: fmt.Sprintf("task-%d", i), Name: "orders", Status: int64(i + 1)},
			cloudsim.Item{ID: fmt.Sprintf("task-%d", i+2), Name: "stock", Status: -1, ErrorMessage: "Access denied"})
	}
	r := &accountsRig{cloud: cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet})}
	server := httptest.NewServer(r.cloud)
	t.Cleanup(server.Close)
	r.account = func(name string) ckafka.Account {
		return ckafka.Account{
			Name: name, Credential: credential.Static("id", "key", ""), Regions: bothRegions,
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
		}
	}
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	var accounts []ckafka.Account
	for _, name := range names {
		accounts = append(accounts, r.account(name))
	}
	r.api = ckafka.New(transport, ckafka.Options{})
	r.set = source.Open(r.api.Listers(accounts), source.Options{Timeout: time.Hour, MinInterval: minInterval, StaleAfter: 2 * time.Hour})
	t.Cleanup(r.set.Close)
	exposition, err := instrument.NewExposition(source.Kinds()[tasks], r.set, instrument.Options{ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exposition.Shutdown(t.Context()) })
	r.exposition = exposition
	return r
}

// samples returns the sample lines of an answer.
func samples(body string) []string {
	return slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool { return line == "" || strings.HasPrefix(line, "#") })
}

// A narrowed scrape has the series of its targets exactly as a full scrape has
// them, no others, and makes no call for other targets.
func TestNarrowedScrape(t *testing.T) {
	tests := map[string]struct {
		query   string
		wanted  []string // parts of each wanted series
		family  string
		targets int
	}{
		"an account":             {"?account=prod", []string{`account="prod"`}, "", 2},
		"a region":               {"?region=ap-shanghai", []string{`region="ap-shanghai"`}, "", 2},
		"both":                   {"?account=test&region=ap-shanghai", []string{`account="test"`, `region="ap-shanghai"`}, "", 1},
		"two accounts":           {"?account=test&account=prod&region=ap-shanghai", []string{`region="ap-shanghai"`}, "", 2},
		"everything by its name": {"?region=ap-shanghai&region=ap-guangzhou", nil, "", 4},
		"a family": {
			"?account=test&region=ap-guangzhou&name[]=datahub_task_state",
			[]string{`account="test"`, `region="ap-guangzhou"`},
			"datahub_task_state", 1,
		},
		"a family of all":      {"?name[]=datahub_task_up", nil, "datahub_task_up", 4},
		"a family that is not": {"?account=test&name[]=nothing", nil, "nothing", 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newAccountsRig(t, time.Hour, "prod", "test")
			for _, accept := range []string{"", "gzip", ""} { // the second time it is known
				narrowed := answer(t, r.exposition, test.query, "Accept-Encoding", accept)
				if calls := len(r.cloud.Calls("", "")); calls != test.targets && accept == "" {
					t.Errorf("calls: want %d, have %d", test.targets, calls)
				}
				want := []string{}
				full := unpacked(t, answer(t, r.exposition, ""))
				for _, line := range samples(full) {
					lacks := func(part string) bool { return !strings.Contains(line, part) }
					if !slices.ContainsFunc(test.wanted, lacks) && strings.HasPrefix(line, test.family) {
						want = append(want, line)
					}
				}
				if diff := cmp.Diff(want, samples(unpacked(t, narrowed))); diff != "" || narrowed.Code != http.StatusOK {
					t.Errorf("%d (-want +have):\n%s", narrowed.Code, diff)
				}
				test.targets = 4 // the full scrape has refreshed all
			}
		})
	}
}

// A name that does not exist is refused with an error that lists those that do, and
// no call is made.
func TestNarrowingThatSelectsNothingIsRefused(t *testing.T) {
	for query, want := range map[string]string{
		"?account=prd":                        "there is no account \"prd\"; there is prod, test\n",
		"?region=":                            "there is no region \"\"; there is ap-guangzhou, ap-shanghai\n",
		"?region=ap-shanghai&region=ap-tokyo": "there is no region \"ap-tokyo\"; there is ap-guangzhou, ap-shanghai\n",
		"?account=%zz":                        "the parameters of the scrape cannot be read: invalid URL escape \"%zz\"\n",
	} {
		r := newAccountsRig(t, time.Hour, "prod", "test")
		have := answer(t, r.exposition, query)
		if have.Code != http.StatusBadRequest || have.Body.String() != want {
			t.Errorf("%s: want 400 and %q, have %d and %q", query, want, have.Code, have.Body)
		}
		if calls := len(r.cloud.Calls("", "")); calls != 0 {
			t.Errorf("%s: want no call, have %d", query, calls)
		}
	}
}

// The account is a label if several are configured, however few a scrape selects,
// and a reload that adds one takes effect at once, although the snapshots stay.
func TestNarrowedScrapeHasTheLabelsOfAFullOne(t *testing.T) {
	r := newAccountsRig(t, time.Hour, "prod")
	const query = "?account=prod&region=ap-shanghai"
	steps := []struct {
		accounts []ckafka.Account
		want     string
	}{
		{[]ckafka.Account{r.account("prod")}, `datahub_task_up{region="ap-shanghai"} 1`},
		{[]ckafka.Account{r.account("prod"), r.account("test")}, `datahub_task_up{account="prod",region="ap-shanghai"} 1`},
		{[]ckafka.Account{r.account("prod")}, `datahub_task_up{region="ap-shanghai"} 1`},
	}
	for _, step := range steps {
		r.set.Reload(r.api.Listers(step.accounts))
		if have := samples(answer(t, r.exposition, query).Body.String()); !slices.Contains(have, step.want) {
			t.Errorf("%d accounts: want %s in:\n%s", len(step.accounts), step.want, strings.Join(have, "\n"))
		}
	}
	if calls := len(r.cloud.Calls("", "")); calls != 1 {
		t.Errorf("calls: want one of the target that is wanted, have %d", calls)
	}
}

// A refresh is in the next answer, narrowed or not, and the failure of one target
// is not in another's.
func TestNarrowedScrapesAreRefreshed(t *testing.T) {
	r := newAccountsRig(t, 0, "prod", "test")
	for range 3 {
		answer(t, r.exposition, "?account=prod")
	}
	r.cloud.Always("", "ap-shanghai", cloudsim.Error("UnauthorizedOperation", "no"))
	have := samples(answer(t, r.exposition, "?account=prod&name[]=datahub_task_up").Body.String())
	want := []string{`datahub_task_up{account="prod",region="ap-guangzhou"} 1`, `datahub_task_up{account="prod",region="ap-shanghai"} 0`}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("after a failure (-want +have):\n%s", diff)
	}
	have = samples(answer(t, r.exposition, "?account=test&name[]=datahub_task_error_count").Body.String())
	want = []string{`datahub_task_error_count{account="test",region="ap-guangzhou"} 0`, `datahub_task_error_count{account="test",region="ap-shanghai"} 1`}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the other account (-want +have):\n%s", diff)
	}
}
