package instrument_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

var options = source.Options{
	Timeout:     time.Hour, // however slow the machine is
	MinInterval: source.DefaultMinInterval,
	StaleAfter:  source.DefaultStaleAfter,
}

// nasty are names that break a careless exposition.
var nasty = []string{
	`say "hello"`, `C:\orders\new`, "two\nlines", "a,b={c}", "订单库增量同步", "🚚 shipping", "", "tab\there", "\r", "# HELP x",
}

// items returns count items in alternating states. The first ones have nasty names
// and messages.
func items(prefix string, count int) []cloudsim.Item {
	items := make([]cloudsim.Item, count)
	for i := range items {
		items[i] = cloudsim.Item{
			ID: fmt.Sprintf("%s-%04d", prefix, i), Name: fmt.Sprintf("prod-%d", i), Status: int64(i%11 - 1),
			Type: "SINK", Source: "KAFKA", Target: "ES", Resource: "resource-es",
		}
		if i < len(nasty) {
			items[i].Name = nasty[i]
			items[i].ErrorMessage = "no such index: " + nasty[i]
		}
	}
	return items
}

// The Accept headers of Prometheus 2.42, and of a Prometheus with native histograms
// enabled.
const (
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
		"text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
	acceptProtobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited," +
		acceptOpenMetrics
)

func TestExpositionIsExact(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou", "ap-shanghai")
	fill(rig.fleet)
	for i, kind := range source.Kinds() {
		t.Run(kind.Prefix, func(t *testing.T) {
			text, contentType := rig.scrape(t, i, "")
			if want := "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"; contentType != want {
				t.Errorf("content type of text: want %q, have %q", want, contentType)
			}
			golden(t, kind.Prefix+".txt", text)

			openMetrics, contentType := rig.scrape(t, i, acceptOpenMetrics)
			if want := "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"; contentType != want {
				t.Errorf("content type of OpenMetrics: want %q, have %q", want, contentType)
			}
			golden(t, kind.Prefix+".om.txt", openMetrics)

			protobuf, contentType := rig.scrape(t, i, acceptProtobuf)
			if diff := cmp.Diff(text, asText(t, protobuf, expfmt.Format(contentType))); diff != "" {
				t.Errorf("protobuf (-text +protobuf):\n%s", diff)
			}
			strict(t, text, kind)
		})
	}
}

// fill sets 250 items in one region, which are three pages, and a few in another.
func fill(fleet *cloudsim.Inventory) {
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task-gz", 250)...)
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-shanghai", items("task-sh", 2)...)
	fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou", items("resource-gz", 250)...)
	fleet.Set(cloudsim.DescribeConnectResources, "ap-shanghai",
		cloudsim.Item{ID: "resource-null", Fields: map[string]any{"Status": nil, "ResourceName": nil}})
}

// asText decodes a protobuf exposition and writes it as text.
func asText(t *testing.T, body string, format expfmt.Format) string {
	t.Helper()
	var text bytes.Buffer
	decoder := expfmt.NewDecoder(strings.NewReader(body), format)
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		switch {
		case errors.Is(err, io.EOF):
			return text.String()
		case err != nil:
			t.Fatal(err)
		}
		if _, err := expfmt.MetricFamilyToText(&text, &family); err != nil {
			t.Fatal(err)
		}
	}
}

// strict checks that the exposition parses, that no sample has a timestamp, and
// that each status has exactly the documented labels and the name that was listed.
func strict(t *testing.T, text string, kind source.Kind) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, metric := range families[kind.Prefix+"_status"].GetMetric() {
		labels := map[string]string{}
		for _, pair := range metric.GetLabel() {
			labels[pair.GetName()] = pair.GetValue()
		}
		if metric.TimestampMs != nil || len(labels) != 3 || labels["region"] == "" || labels[kind.IDLabel] == "" {
			t.Errorf("want the labels region, %s and %s and no timestamp, have %v", kind.IDLabel, kind.NameLabel, metric)
		}
		names[labels[kind.NameLabel]] = true
	}
	for _, name := range nasty {
		if !names[name] {
			t.Errorf("the name %q did not arrive", name)
		}
	}
}

func TestMoreItemsThanTheSDKsCardinalityLimit(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 2500)...)
	if have := len(rig.series(t, tasks, "datahub_task_status{")); have != 2500 {
		t.Errorf("statuses: want 2500, have %d", have)
	}
	if have := rig.series(t, tasks, "otel"); have != nil {
		t.Errorf("overflow: want none, have %q", have)
	}
}

func TestScrapeOfOnePathListsItsKindOnly(t *testing.T) {
	for i, kind := range source.Kinds() {
		t.Run(kind.Prefix, func(t *testing.T) {
			rig := newRig(t, options, "ap-guangzhou")
			rig.scrape(t, i, "")
			calls := rig.cloud.Calls("", "")
			if len(calls) != 1 || calls[0].Action != string(kind.Action) {
				t.Errorf("calls: want one of %s, have %+v", kind.Action, calls)
			}
		})
	}
}

func TestSixtyScrapesAtOnceMakeTwoCalls(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", items("task", 150)...)
	var scrapes sync.WaitGroup
	for range 60 {
		scrapes.Go(func() {
			if have := len(rig.series(t, tasks, "datahub_task_status{")); have != 150 {
				t.Errorf("statuses: want 150, have %d", have)
			}
		})
	}
	scrapes.Wait()
	if have := len(rig.cloud.Calls("", "")); have != 2 {
		t.Errorf("calls: want 2, have %d", have)
	}
}

func TestOneScrapeNeverRefreshesTwice(t *testing.T) {
	always := options
	always.MinInterval = 0
	rig := newRig(t, always, "ap-guangzhou")
	rig.scrape(t, tasks, "")
	if have := len(rig.cloud.Calls("", "")); have != 1 {
		t.Errorf("calls: want 1, have %d", have)
	}
}

func TestDeletedTaskIsGoneAtTheNextRefresh(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	steps := []struct {
		listed []cloudsim.Item
		want   []string
	}{
		{
			[]cloudsim.Item{{ID: "a", Name: "orders", Status: 1}, {ID: "b", Name: "users", Status: 6}},
			[]string{
				`datahub_task_status{TaskId="a",TaskName="orders",region="ap-guangzhou"} 1`,
				`datahub_task_status{TaskId="b",TaskName="users",region="ap-guangzhou"} 6`,
			},
		},
		{
			[]cloudsim.Item{{ID: "b", Name: "users renamed", Status: 1}},
			[]string{`datahub_task_status{TaskId="b",TaskName="users renamed",region="ap-guangzhou"} 1`},
		},
		{nil, nil},
	}
	for i, step := range steps {
		rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", step.listed...)
		if diff := cmp.Diff(step.want, rig.series(t, tasks, "datahub_task_status{")); diff != "" {
			t.Errorf("step %d (-want +have):\n%s", i, diff)
		}
		rig.clock.advance(time.Minute)
	}
}

func TestOutageNeitherSilencesNorInvents(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou", "ap-shanghai")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "a", Status: 6})
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-shanghai", cloudsim.Item{ID: "s", Status: 1})
	begin := rig.clock.Now()
	for minute := range 10 {
		broken := minute >= 1 && minute <= 7
		var fault cloudsim.Fault
		if broken {
			fault = cloudsim.Error("UnauthorizedOperation", "not allowed")
		}
		rig.cloud.Always("", "ap-guangzhou", fault)
		want := guangzhou(begin, minute, broken)
		if diff := cmp.Diff(want, rig.series(t, tasks, "datahub_task_")); diff != "" {
			t.Errorf("minute %d (-want +have):\n%s", minute, diff)
		}
		rig.clock.advance(time.Minute)
	}
}

// guangzhou returns the expected series if the API fails for the one region from
// minute 1 to minute 7 and StaleAfter is 5 minutes: its item is exposed until
// minute 5.
func guangzhou(begin time.Time, minute int, broken bool) []string {
	now := begin.Add(time.Duration(minute) * time.Minute).Unix()
	failures, up, good, listed := min(minute, 7), 1, now, true
	if broken {
		up, good, listed = 0, begin.Unix(), minute < 5
	}
	want := []string{
		fmt.Sprintf(`datahub_task_error_count{region="ap-guangzhou"} %d`, failures),
		`datahub_task_error_count{region="ap-shanghai"} 0`,
	}
	const (
		known = `DatahubId="%s",SourceResource="",SourceType="",TargetResource="",TargetType="",TaskId="%[1]s",TaskName="",TaskType="",region=%[2]q`
		state = `TaskId="%s",TaskName="",region=%q,state=%q`
	)
	if listed {
		want = append(want, fmt.Sprintf(`datahub_task_info{`+known+`} 1`, "a", "ap-guangzhou"))
	}
	want = append(want, fmt.Sprintf(`datahub_task_info{`+known+`} 1`, "s", "ap-shanghai"))
	if listed {
		want = append(want, `datahub_task_items{region="ap-guangzhou"} 1`)
	}
	want = append(want, `datahub_task_items{region="ap-shanghai"} 1`)
	if listed {
		want = append(want, `datahub_task_items_reported{region="ap-guangzhou"} 1`)
	}
	want = append(want,
		`datahub_task_items_reported{region="ap-shanghai"} 1`,
		fmt.Sprintf(`datahub_task_last_success_timestamp_seconds{region="ap-guangzhou"} %v`, float64(good)),
		fmt.Sprintf(`datahub_task_last_success_timestamp_seconds{region="ap-shanghai"} %v`, float64(now)),
	)
	if listed {
		want = append(want, fmt.Sprintf(`datahub_task_state{`+state+`} 1`, "a", "ap-guangzhou", "paused"))
	}
	want = append(want, fmt.Sprintf(`datahub_task_state{`+state+`} 1`, "s", "ap-shanghai", "running"))
	if listed {
		want = append(want, `datahub_task_status{TaskId="a",TaskName="",region="ap-guangzhou"} 6`)
	}
	return append(want,
		`datahub_task_status{TaskId="s",TaskName="",region="ap-shanghai"} 1`,
		fmt.Sprintf(`datahub_task_up{region="ap-guangzhou"} %d`, up),
		`datahub_task_up{region="ap-shanghai"} 1`,
	)
}
