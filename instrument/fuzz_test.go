package instrument_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"datahub_exporter/internal/cloudsim"
)

// parse parses an exposition strictly.
func parse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return families
}

// only returns the value of a family's only series.
func only(t *testing.T, families map[string]*dto.MetricFamily, name string) float64 {
	t.Helper()
	metrics := families[name].GetMetric()
	if len(metrics) != 1 {
		t.Fatalf("%s: want one series, have %d", name, len(metrics))
	}
	return metrics[0].GetGauge().GetValue()
}

// FuzzAnswer checks that any bytes as a response of the API are either a counted
// failure or a listing that is exposed completely, and that the exposition parses.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `{"Response":{}}`, `{"Response":{"Result":null}}`,
		`{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r"}}`,
		`{"Response":{"Error":{"Code":"","Message":""}}}`,
		`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","TaskName":"b","Status":1}]}}}`,
		`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"` + "\xff" + `","TaskName":"\ud800","Status":-9223372036854775808}]}}}`,
		`{"Response":{"Result":{"TotalCount":2,"TaskList":[null,{"TaskId":"a"}]}}}`,
		`{"Response":{"Result":{"TotalCount":-1,"TaskList":[]}}}`,
		`{"code":4000,"message":"old","codeDesc":"OldError"}`,
	} {
		f.Add([]byte(body))
	}
	always := options
	always.MinInterval, always.StaleAfter = 0, 0
	rig := newRig(f, always, "ap-guangzhou")
	failures := 0.0
	f.Fuzz(func(t *testing.T, body []byte) {
		// A code that is retried would make each run wait.
		if strings.Contains(strings.ToLower(string(body)), "code") && !strings.Contains(string(body), "AuthFailure") {
			return // TestFaults covers these
		}
		rig.cloud.Always("", "", cloudsim.RawBody("application/json", string(body)))
		text, _ := rig.scrape(t, tasks, "")
		families := parse(t, text)
		up, counted := only(t, families, "datahub_task_up"), only(t, families, "datahub_task_error_count")
		if counted != failures+1-up {
			t.Errorf("up is %v, and the error count went from %v to %v", up, failures, counted)
		}
		failures = counted
		statuses := len(families["datahub_task_status"].GetMetric())
		if up == 0 {
			if _, exposed := families["datahub_task_items"]; exposed || statuses > 0 {
				t.Errorf("up is 0, and items are exposed (%v), or %d statuses", exposed, statuses)
			}
			return
		}
		if items := only(t, families, "datahub_task_items"); items != float64(statuses) {
			t.Errorf("up is 1, items %v, and %d statuses are exposed", items, statuses)
		}
	})
}

// FuzzNames checks that two tasks with any names are exposed as they were listed.
func FuzzNames(f *testing.F) {
	for i, name := range nasty {
		f.Add(fmt.Sprint("task-", i), name, int64(i), "other", nasty[(i+1)%len(nasty)], int64(-1))
	}
	f.Add("a", "x", int64(math.MaxInt64), "A", "\xff\u2028\x00", int64(math.MinInt64))
	always := options
	always.MinInterval = 0
	rig := newRig(f, always, "ap-guangzhou")
	f.Fuzz(func(t *testing.T, id1, name1 string, status1 int64, id2, name2 string, status2 int64) {
		id1, id2 = strings.ToValidUTF8(id1, "\uFFFD"), strings.ToValidUTF8(id2, "\uFFFD")
		if id1 == "" || id2 == "" || id1 == id2 {
			return // the listing would not have two items
		}
		listed := []cloudsim.Item{{ID: id1, Name: name1, Status: status1}, {ID: id2, Name: name2, Status: status2}}
		rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", listed...)
		text, _ := rig.scrape(t, tasks, "")
		exposed := map[string]float64{}
		for _, metric := range parse(t, text)["datahub_task_status"].GetMetric() {
			labels := map[string]string{}
			for _, pair := range metric.GetLabel() {
				labels[pair.GetName()] = pair.GetValue()
			}
			exposed[labels["TaskId"]+"/"+labels["TaskName"]] = metric.GetGauge().GetValue()
		}
		for _, item := range listed {
			name := strings.ToValidUTF8(item.Name, "\uFFFD")
			value, found := exposed[item.ID+"/"+name]
			if !found && utf8.ValidString(item.Name) || found && value != float64(item.Status) {
				t.Errorf("%q, %q: want %d, have %v (%v) in:\n%s", item.ID, item.Name, item.Status, value, found, text)
			}
		}
		if len(exposed) != len(listed) {
			t.Errorf("want %d statuses, have:\n%s", len(listed), text)
		}
	})
}
