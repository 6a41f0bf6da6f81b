package instrument_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"datahub_exporter/source"
)

// A family that is made run by run is still one family: it has one head and the
// order of the registry, and contains each series once. A change is in the next
// answer, wherever it is.
func TestLongFamiliesAreWhole(t *testing.T) {
	const count = 1201
	for name, header := range map[string]string{
		"text":        "text/plain",
		"OpenMetrics": "application/openmetrics-text; version=1.0.0",
	} {
		t.Run(name, func(t *testing.T) {
			sources := &counted{}
			exposition := sources.exposition(t)
			statuses := func(changed int) []string {
				snapshot := refreshes(1, count, func(_, i int, item *source.Item) {
					if i == changed {
						item.Status = 6
					}
				})[0]
				slices.Reverse(snapshot.Listing.Items) // as if the last page came first
				sources.snapshot.Store(snapshot)
				body := answer(t, exposition, "", "Accept", header).Body.String()
				for _, family := range []string{"status", "state", "info"} {
					for text, want := range map[string]int{"# HELP": 1, "# TYPE": 1} {
						if have := strings.Count(body, text+" datahub_task_"+family+" "); have != want {
							t.Errorf("%s of %s: want %d, have %d", text, family, want, have)
						}
					}
					if have := strings.Count(body, "\ndatahub_task_"+family+"{"); have != count {
						t.Errorf("series of %s: want %d, have %d", family, count, have)
					}
				}
				if have, want := strings.Count(body, "# EOF\n"), strings.Count(header, "openmetrics"); have != want {
					t.Errorf("# EOF: want %d, have %d", want, have)
				}
				var lines []string
				for line := range strings.Lines(body) {
					if strings.HasPrefix(line, "datahub_task_status{") {
						lines = append(lines, line)
					}
				}
				return lines
			}
			before := statuses(-1)
			if !slices.IsSorted(before) {
				t.Error("the series are not in the order of the registry")
			}
			for _, changed := range []int{0, 499, 500, 1000, count - 1} {
				want := slices.Clone(before)
				id, status, _ := strings.Cut(want[changed], "} ")
				want[changed] = id + "} " + strings.Replace(status, "1", "6", 1)
				if diff := cmp.Diff(want, statuses(changed)); diff != "" {
					t.Errorf("item %d changed (-want +have):\n%s", changed, diff)
				}
			}
		})
	}
}

// One item more or less shifts all runs after it.
func TestRunsFollowTheItems(t *testing.T) {
	sources := &counted{}
	exposition := sources.exposition(t)
	for _, count := range []int{1201, 1200, 500, 501, 1, 0, 999} {
		snapshot := refreshes(1, count+1, nil)[0]
		snapshot.Listing.Items = snapshot.Listing.Items[1:]
		sources.snapshot.Store(snapshot)
		body := answer(t, exposition, "").Body.String()
		for i := range count {
			if id := fmt.Sprintf("datahub_task_status{TaskId=\"task-%08d\",", i+1); strings.Count(body, id) != 1 {
				t.Fatalf("%d items: want one %s}", count, id)
			}
		}
		if have := strings.Count(body, "\ndatahub_task_status{"); have != count {
			t.Errorf("series: want %d, have %d", count, have)
		}
	}
}

// In a binary format a family is one message, however long it is.
func TestLongFamilyIsOneMessage(t *testing.T) {
	sources := &counted{}
	sources.snapshot.Store(refreshes(1, 1201, nil)[0])
	have := answer(t, sources.exposition(t), "", "Accept", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")
	decoder := expfmt.NewDecoder(have.Body, expfmt.ResponseFormat(have.Header()))
	series := map[string]int{}
	for {
		family := &dto.MetricFamily{}
		err := decoder.Decode(family)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := series[family.GetName()]; twice {
			t.Errorf("%s comes twice", family.GetName())
		}
		series[family.GetName()] = len(family.GetMetric())
	}
	if series["datahub_task_status"] != 1201 || series["datahub_task_info"] != 1201 || series["datahub_task_up"] != 1 {
		t.Errorf("series: %v", series)
	}
}
