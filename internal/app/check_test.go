package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/app"
	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

const (
	secretID  = "AKIDofTheCheck"
	secretKey = "key-of-the-check"
	region    = "ap-guangzhou"
)

// site is a cloud and everything that is needed to query it.
type site struct {
	cloud     *cloudsim.Server
	address   string
	account   ckafka.Account
	transport *http.Transport
	timeout   time.Duration
}

// open returns the site of a cloud with two tasks and no connection, whose clock is
// off by a given time.
func open(t *testing.T, off time.Duration) *site {
	t.Helper()
	fleet := cloudsim.NewInventory(region)
	fleet.Set(cloudsim.DescribeDatahubTasks, region, cloudsim.Item{ID: "task-1", Status: 1}, cloudsim.Item{ID: "task-2", Status: 6})
	return serve(t, cloudsim.Options{
		SecretID: secretID, SecretKey: secretKey, Fleet: fleet, Now: func() time.Time { return time.Now().Add(off) },
	})
}

func serve(t *testing.T, options cloudsim.Options) *site {
	t.Helper()
	cloud := cloudsim.New(options)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	transport := ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return &site{
		cloud: cloud, address: address, transport: transport, timeout: time.Hour,
		account: ckafka.Account{
			Name: "prod", Credential: credential.Static(secretID, secretKey, ""), Regions: []string{region},
			Endpoint: endpoint.Endpoint{Scheme: "http", Host: address},
		},
	}
}

// options returns the options for a check of the site.
func (s *site) options(out *bytes.Buffer) app.CheckOptions {
	return app.CheckOptions{
		Accounts: []ckafka.Account{s.account}, Transport: s.transport, Source: source.Options{Timeout: s.timeout, RetryPause: time.Millisecond}, Out: out,
	}
}

// Each fault is described in plain words, with what to do about it.
func TestEachFaultHasItsCauseAndRemedy(t *testing.T) {
	refuse := func(code string) func(*testing.T, *site) {
		return func(_ *testing.T, s *site) { s.cloud.Always("", "", cloudsim.Error(code, "as the API says it")) }
	}
	answer := func(fault cloudsim.Fault) func(*testing.T, *site) {
		return func(_ *testing.T, s *site) { s.cloud.Always("", "", fault) }
	}
	const (
		refused  = "there is no credential that the API accepts"
		noAnswer = "no complete answer arrived"
	)
	tests := map[string]struct {
		off           time.Duration
		arrange       func(*testing.T, *site)
		cause, remedy string
	}{
		"unknown key": {
			arrange: func(_ *testing.T, s *site) { s.cloud.Revoke(secretID) },
			cause:   refused, remedy: "check secret_id",
		},
		"wrong key": {
			arrange: func(_ *testing.T, s *site) { s.account.Credential = credential.Static(secretID, "another-key", "") },
			cause:   refused, remedy: "check that secret_key is that of secret_id",
		},
		"old token": {
			arrange: func(_ *testing.T, s *site) {
				s.account.Credential = credential.Static(secretID, secretKey, "old-token")
			},
			cause: refused, remedy: "and token",
		},
		"clock behind": {off: time.Hour, cause: refused, remedy: "correct this machine's clock"},
		"clock ahead":  {off: -time.Hour, cause: refused, remedy: "correct this machine's clock"},
		"no policy":    {arrange: refuse("UnauthorizedOperation"), cause: "the policy QcloudCkafkaReadOnlyAccess is missing", remedy: "grant the user the policy"},
		"no such region": {
			arrange: func(_ *testing.T, s *site) { s.account.Regions = []string{"ap-atlantis"} },
			cause:   "the API refused the region", remedy: "check region",
		},
		"a page that is refused": {
			arrange: refuse("InvalidParameterValue"), cause: "the API refused the region or another parameter", remedy: "if the message names another parameter",
		},
		"no such host": {
			arrange: func(_ *testing.T, s *site) {
				s.transport.DialContext = func(_ context.Context, network, address string) (net.Conn, error) {
					return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
				}
			},
			cause: noAnswer, remedy: "machine's DNS",
		},
		"a proxy that refuses": {
			arrange: func(t *testing.T, s *site) {
				proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
				t.Cleanup(proxy.Close)
				throughProxy(t, s, proxy.URL)
			},
			cause: noAnswer, remedy: "check HTTPS_PROXY",
		},
		"a proxy that is away": {
			arrange: func(t *testing.T, s *site) {
				proxy := httptest.NewServer(http.NotFoundHandler())
				proxy.Close()
				throughProxy(t, s, proxy.URL)
			},
			cause: noAnswer, remedy: "check HTTPS_PROXY",
		},
		"a proxy that opens TLS": {
			arrange: func(t *testing.T, s *site) {
				server := httptest.NewUnstartedServer(http.NotFoundHandler())
				server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
				server.StartTLS()
				t.Cleanup(server.Close)
				s.account.Endpoint = endpoint.Endpoint{Scheme: "https", Host: strings.TrimPrefix(server.URL, "https://")}
			},
			cause: noAnswer, remedy: "SSL_CERT_FILE",
		},
		"a page of a proxy": {
			arrange: answer(cloudsim.RawBody("text/html", "<html>log in first</html>")),
			cause:   "what answers is not the API", remedy: "check endpoint and proxy",
		},
		"another server": {
			arrange: answer(cloudsim.HTTPStatus(http.StatusNotFound, "nothing here")),
			cause:   "the API or a gateway in front of it failed", remedy: "check endpoint and proxy",
		},
		"a proxy that wants a password": {
			arrange: answer(cloudsim.HTTPStatus(http.StatusProxyAuthRequired, "who are you")),
			cause:   "the API or a gateway in front of it failed", remedy: "its address and password",
		},
		"an internal error": {arrange: refuse("InternalError"), cause: "the API or a gateway in front of it failed", remedy: "support"},
		"a quota in use":    {arrange: refuse("RequestLimitExceeded"), cause: "the account's quota is used up", remedy: "lower --ckafka.qps"},
		"a reset":           {arrange: answer(cloudsim.Reset()), cause: noAnswer, remedy: "firewall"},
		"no answer": {
			arrange: func(_ *testing.T, s *site) {
				s.timeout = 100 * time.Millisecond
				s.cloud.Always("", "", cloudsim.Hang())
			},
			cause: "no complete answer arrived before --ckafka.timeout", remedy: "raise --ckafka.timeout",
		},
		"an empty promise": {
			arrange: answer(func(a *cloudsim.Answer) { a.Items, a.TotalCount = nil, 5 }),
			cause:   "what answers is not the API", remedy: "documented",
		},
		"a listing that lacks items": {
			arrange: answer(func(a *cloudsim.Answer) { a.Items, a.TotalCount = []cloudsim.Item{{ID: "only", Status: 1}}, 5 }),
			cause:   "the listing is incomplete", remedy: "run the check again",
		},
		"no credential": {
			arrange: func(t *testing.T, s *site) {
				s.account.Credential = credential.Options{
					SecretIDFile: filepath.Join(t.TempDir(), "id"), SecretKeyFile: filepath.Join(t.TempDir(), "key"),
				}
			},
			cause: refused, remedy: "bind a role",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := open(t, test.off)
			site.timeout = 2 * time.Second // for the retries
			if test.arrange != nil {
				test.arrange(t, site)
			}
			var table, document bytes.Buffer
			if err := app.Check(t.Context(), site.options(&table)); err == nil || err.Error() != "2 of 2 checks failed" {
				t.Errorf("want that 2 of 2 failed, have %v", err)
			}
			inJSON := site.options(&document)
			inJSON.JSON = true
			if err := app.Check(t.Context(), inJSON); err == nil {
				t.Error("JSON: want an error")
			}
			report := decode(t, &document)
			for _, have := range report.Checks {
				if report.Passed || have.Result != "failed" || !regexp.MustCompile(test.cause).MatchString(have.Cause) || !strings.Contains(have.Remedy, test.remedy) {
					t.Errorf("want failed, %q and %q, have %+v", test.cause, test.remedy, have)
				}
			}
			said := regexp.MustCompile(`(?m)^prod, ` + site.account.Regions[0] + `, Describe\w+: ` + test.cause + `.*\n  what to do: .*` + regexp.QuoteMeta(test.remedy))
			if have := len(said.FindAllString(table.String(), -1)); have != 2 {
				t.Errorf("want the cause and the remedy twice, have them %d times in:\n%s", have, &table)
			}
		})
	}
}

// throughProxy makes the site use TLS through a proxy.
func throughProxy(t *testing.T, s *site, proxy string) {
	t.Helper()
	address, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	s.transport.Proxy = http.ProxyURL(address)
	s.account.Endpoint.Scheme = "https"
}

// document is the report as programs read it.
type document struct {
	Passed           bool
	Error, Recording string
	Checks           []row
}

type row struct {
	Account, Region, API, Result string
	Items                        *float64
	Milliseconds                 int64
	Cause, Remedy, Code, Message string
}

func decode(t *testing.T, text *bytes.Buffer) document {
	t.Helper()
	var report document
	decoder := json.NewDecoder(bytes.NewReader(text.Bytes()))
	if err := decoder.Decode(&report); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return report
}

// A check reads each listing once, as the exporter does, and shows the API's own
// numbers.
func TestEachListingIsReadOnce(t *testing.T) {
	site := open(t, 0)
	second := site.account
	second.Name, second.Credential = "test", credential.Static("AKIDunknown", "key-of-nobody", "")
	var table bytes.Buffer
	options := site.options(&table)
	options.Accounts = append(options.Accounts, second)
	if err := app.Check(t.Context(), options); err == nil || err.Error() != "2 of 4 checks failed" {
		t.Errorf("want that 2 of 4 failed, have %v", err)
	}
	calls := site.cloud.Calls("", "")
	if len(calls) != 4 {
		t.Errorf("want 4 calls, have %d", len(calls))
	}
	for _, call := range calls {
		if call.Limit != source.PageSize {
			t.Errorf("want a page of %d, as the exporter asks for, have %+v", source.PageSize, call)
		}
	}
	head, _, _ := strings.Cut(regexp.MustCompile(`\d+\n`).ReplaceAllString(table.String(), "MS\n"), "\n\n")
	const want = `ACCOUNT  REGION        API                       RESULT  ITEMS  MS
prod     ap-guangzhou  DescribeDatahubTasks      ok      2      MS
prod     ap-guangzhou  DescribeConnectResources  ok      0      MS
test     ap-guangzhou  DescribeDatahubTasks      failed  -      MS
test     ap-guangzhou  DescribeConnectResources  failed  -      MS`
	if diff := cmp.Diff(want, head); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// oneRegion is a fleet that is the same whichever region is asked for.
type oneRegion struct{ *cloudsim.Inventory }

func (f oneRegion) Items(action, _ string, now time.Time) ([]cloudsim.Item, bool) {
	return f.Inventory.Items(action, region, now)
}

// An endpoint that ignores the region is no success: every item would be there twice.
func TestRegionsWithTheSameItems(t *testing.T) {
	const shanghai = "ap-shanghai"
	only := []cloudsim.Item{{ID: "task-1", Status: 1}}
	distinct := cloudsim.NewInventory(region, shanghai)
	distinct.Set(cloudsim.DescribeDatahubTasks, region, only...)
	distinct.Set(cloudsim.DescribeDatahubTasks, shanghai, cloudsim.Item{ID: "task-2", Status: 1})
	same := cloudsim.NewInventory(region)
	same.Set(cloudsim.DescribeDatahubTasks, region, only...)
	for name, test := range map[string]struct {
		fleet cloudsim.Fleet
		want  []string // the results, tasks and connections of each region
	}{
		"as the API does": {distinct, []string{"ok", "ok", "ok", "ok"}},
		"ignored":         {oneRegion{same}, []string{"ok", "ok", "failed", "ok"}},
		"nothing to list": {oneRegion{cloudsim.NewInventory(region)}, []string{"ok", "ok", "ok", "ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			site := serve(t, cloudsim.Options{SecretID: secretID, SecretKey: secretKey, Fleet: test.fleet})
			site.account.Regions = []string{region, shanghai}
			var out bytes.Buffer
			options := site.options(&out)
			options.JSON = true
			err := app.Check(t.Context(), options)
			report := decode(t, &out)
			var results []string
			for _, check := range report.Checks {
				results = append(results, check.Result)
				if check.Result == "failed" && (check.Cause != "two regions list the same items" || check.Message != "lists the same IDs as "+region) {
					t.Errorf("have %+v", check)
				}
			}
			if diff := cmp.Diff(test.want, results); diff != "" || report.Passed != (err == nil) || report.Passed != !slices.Contains(results, "failed") {
				t.Errorf("passed: %t, %v (-want +have):\n%s", report.Passed, err, diff)
			}
		})
	}
}
