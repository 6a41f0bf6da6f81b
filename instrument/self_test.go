package instrument_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
)

// Each of a thousand accounts is counted separately. If they were folded into one
// series, as the OTel SDK does past its limit, a rule could not tell whose
// refreshes fail.
func TestSelfCountsEachTarget(t *testing.T) {
	const accounts = 1100
	var targets []source.Target
	for i := range accounts {
		targets = append(targets, source.Target{Account: fmt.Sprintf("account-%d", i), Region: "ap-guangzhou", Action: source.Tasks})
	}
	self := newSelf(t, targets...)
	for _, target := range targets {
		self.Call(source.CallReport{Target: target, Code: "OK", Duration: time.Millisecond})
		self.Refresh(source.RefreshReport{Target: target, Duration: time.Millisecond})
	}
	exposed := scrapeSelf(t, self)
	for _, series := range []string{
		"ckafka_api_requests_total{", "ckafka_api_request_duration_seconds_count{", "ckafka_refreshes_total{", "ckafka_refresh_duration_seconds_count{",
	} {
		if have := strings.Count(exposed, "\n"+series); have != accounts {
			t.Errorf("series of %s: want %d, have %d", series, accounts, have)
		}
	}
	if strings.Contains(exposed, "overflow") {
		t.Error("want no series of overflow, have one")
	}
}

// The Go runtime's series are no valid OpenMetrics, so they are not offered in it.
func TestSelfOffersNoOpenMetrics(t *testing.T) {
	have := answer(t, newSelf(t), "", "Accept", acceptOpenMetrics)
	if kind := have.Header().Get("Content-Type"); have.Code != 200 || !strings.HasPrefix(kind, "text/plain;") {
		t.Errorf("want 200 and text, have %d and %s", have.Code, kind)
	}
}

// A gateway that invents a code for each response does not make endless series, and
// the codes that were there before keep theirs.
func TestSelfBoundsCodes(t *testing.T) {
	report := source.CallReport{Target: source.Target{Account: "common", Region: "ap-guangzhou", Action: source.Tasks}}
	self := newSelf(t, report.Target)
	for i := range 5000 {
		report.Code = fmt.Sprintf("Invented.%d", i)
		self.Call(report)
	}
	report.Code = "Invented.0"
	self.Call(report)

	exposed := scrapeSelf(t, self)
	for series, want := range map[string]string{
		`code="Invented.0"`: "2", `code="Invented.63"`: "1", `code="other"`: "4936",
	} {
		if line := fmt.Sprintf(`ckafka_api_requests_total{action="DescribeDatahubTasks",%s,region="ap-guangzhou"} %s`, series, want); !strings.Contains(exposed, line+"\n") {
			t.Errorf("want %s", line)
		}
	}
	if have := strings.Count(exposed, "\nckafka_api_requests_total{"); have != 65 {
		t.Errorf("series: want 64 codes and one for the others, have %d", have)
	}
}

// What is no longer watched leaves /metrics, however often what is watched changes, and
// what is watched again goes on from where it was.
func TestSelfDropsWhatIsNoLongerWatched(t *testing.T) {
	target := func(account, region string) source.Target {
		return source.Target{Account: account, Region: region, Action: source.Tasks}
	}
	stays := target("stays", "ap-guangzhou")
	self := newSelf(t, stays)
	for _, step := range []struct {
		name    string
		watched []source.Target
		want    []string // the labels of all calls, in order
	}{
		{"one account", []source.Target{stays}, []string{`region="" 1`, `region="ap-guangzhou" 1`}},
		{"another", []source.Target{stays, target("b", "ap-shanghai")}, []string{
			`account="b" region="" 1`, `account="b" region="ap-shanghai" 1`, `account="stays" region="" 1`, `account="stays" region="ap-guangzhou" 1`,
		}},
		{"in its place a third, in two regions", []source.Target{stays, target("c", "ap-guangzhou"), target("c", "ap-shanghai")}, []string{
			`account="c" region="" 2`, `account="c" region="ap-guangzhou" 1`, `account="c" region="ap-shanghai" 1`, `account="stays" region="" 2`, `account="stays" region="ap-guangzhou" 2`,
		}},
		{"without its second region", []source.Target{stays, target("c", "ap-guangzhou")}, []string{
			`account="c" region="" 3`, `account="c" region="ap-guangzhou" 2`, `account="stays" region="" 3`, `account="stays" region="ap-guangzhou" 3`,
		}},
		{"one account again", []source.Target{stays}, []string{`region="" 2`, `region="ap-guangzhou" 2`}},
	} {
		self.SetTargets(listers(step.watched...))
		for _, target := range step.watched {
			self.Refresh(source.RefreshReport{Target: target})
			self.Call(source.CallReport{Target: target, Code: "OK"})
			target.Region = "" // its credential is of no region
			self.Call(source.CallReport{Target: target, Code: "OK"})
		}
		exposed := scrapeSelf(t, self)
		if diff := cmp.Diff(step.want, callsIn(exposed)); diff != "" {
			t.Errorf("%s (-want +have):\n%s", step.name, diff)
		}
		if have := strings.Count(exposed, "\nckafka_refresh_duration_seconds_count{"); have != len(step.watched) {
			t.Errorf("%s: refreshes of %d targets, want %d", step.name, have, len(step.watched))
		}
	}
	before := strings.Count(scrapeSelf(t, self), "\n")
	for i := range 50 {
		gone := target(fmt.Sprint("account-", i), "ap-beijing")
		self.SetTargets(listers(stays, gone))
		self.Refresh(source.RefreshReport{Target: gone})
	}
	self.SetTargets(listers(stays))
	if after := strings.Count(scrapeSelf(t, self), "\n"); after != before {
		t.Errorf("after 50 accounts: want %d lines as before, have %d", before, after)
	}
}

// callsIn returns the account and the region of each series of calls, with its value.
func callsIn(exposed string) []string {
	var calls []string
	for _, series := range regexp.MustCompile(`(?m)^ckafka_api_requests_total\{(account="\w+",)?.*(region="[\w-]*")\} (\d+)$`).FindAllStringSubmatch(exposed, -1) {
		calls = append(calls, strings.TrimSpace(strings.TrimSuffix(series[1], ",")+" "+series[2])+" "+series[3])
	}
	return calls
}

// listers returns listers of the targets, which list nothing.
func listers(targets ...source.Target) []source.Lister {
	var listers []source.Lister
	for _, target := range targets {
		listers = append(listers, source.Lister{Target: target})
	}
	return listers
}

func newSelf(t *testing.T, watched ...source.Target) *instrument.Self {
	t.Helper()
	self, err := instrument.NewSelf(instrument.Options{ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = self.Shutdown(context.Background()) })
	self.SetTargets(listers(watched...))
	return self
}

func scrapeSelf(t *testing.T, self *instrument.Self) string {
	t.Helper()
	answer := httptest.NewRecorder()
	self.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	return answer.Body.String()
}
