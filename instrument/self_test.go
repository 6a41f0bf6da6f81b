package instrument_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
)

// Each of a thousand accounts is counted separately. If they were folded into one
// series, as the OTel SDK does past its limit, a rule could not tell whose
// refreshes fail.
func TestSelfCountsEachTarget(t *testing.T) {
	const accounts = 1100
	self := newSelf(t, accounts)
	for i := range accounts {
		target := source.Target{Account: fmt.Sprintf("account-%d", i), Region: "ap-guangzhou", Action: source.Tasks}
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
	have := answer(t, newSelf(t, 1), "", "Accept", acceptOpenMetrics)
	if kind := have.Header().Get("Content-Type"); have.Code != 200 || !strings.HasPrefix(kind, "text/plain;") {
		t.Errorf("want 200 and text, have %d and %s", have.Code, kind)
	}
}

// A gateway that invents a code for each response does not make endless series, and
// the codes that were there before keep theirs.
func TestSelfBoundsCodes(t *testing.T) {
	self := newSelf(t, 1)
	report := source.CallReport{Target: source.Target{Account: "common", Region: "ap-guangzhou", Action: source.Tasks}}
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

func newSelf(t *testing.T, accounts int) *instrument.Self {
	t.Helper()
	self, err := instrument.NewSelf(instrument.Options{ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = self.Shutdown(context.Background()) })
	self.SetAccounts(accounts)
	return self
}

func scrapeSelf(t *testing.T, self *instrument.Self) string {
	t.Helper()
	answer := httptest.NewRecorder()
	self.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	return answer.Body.String()
}
