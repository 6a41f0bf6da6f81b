package instrument_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/instrument"
	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// snapshotFunc returns what is known about one target.
type snapshotFunc func(ctx context.Context) *source.Snapshot

// funcSources is an instrument.Sources made of functions.
type funcSources []snapshotFunc

func (f funcSources) Snapshots(ctx context.Context, _ source.Action) []*source.Snapshot {
	var snapshots []*source.Snapshot
	for _, snapshot := range f {
		snapshots = append(snapshots, snapshot(ctx))
	}
	return snapshots
}

func (f funcSources) Select(ctx context.Context, action source.Action, _ source.Selection) (selected, all []*source.Snapshot, err error) {
	snapshots := f.Snapshots(ctx, action)
	return snapshots, snapshots, nil
}

// exposition serves sources as tasks.
func exposition(t *testing.T, sources ...snapshotFunc) *httptest.Server {
	t.Helper()
	exposition, err := instrument.NewExposition(source.Kinds()[tasks], funcSources(sources), instrument.Options{ErrorLog: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exposition.Shutdown(context.Background()) })
	server := httptest.NewServer(exposition)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestScrapeExposesOneStateOfItsTarget(t *testing.T) {
	var generation atomic.Int64
	server := exposition(t, snapshotFunc(func(context.Context) *source.Snapshot {
		n := generation.Add(1)
		listing := &source.Listing{Reported: float64(n)}
		for i := range 50 {
			listing.Items = append(listing.Items, source.Item{ID: fmt.Sprintf("task-%d-%d", n, i), Status: float64(n)})
		}
		return &source.Snapshot{Target: source.Target{Region: "r", Action: source.Tasks}, LastSuccess: time.Unix(n, 0), Failures: n, Listing: listing}
	}))
	var scrapes sync.WaitGroup
	for range 8 {
		scrapes.Go(func() {
			for range 25 {
				body := get(t, server.URL)
				generations := map[string]bool{}
				for line := range strings.Lines(body) {
					if strings.Contains(line, "_status{") || strings.Contains(line, "_error_count{") {
						generations[strings.TrimSpace(line[strings.LastIndex(line, " "):])] = true
					}
				}
				if len(generations) != 1 || strings.Count(body, "\ndatahub_task_status{") != 50 {
					t.Errorf("want 50 statuses of one snapshot, have those of %v in:\n%s", generations, body)
				}
			}
		})
	}
	scrapes.Wait()
	if have := generation.Load(); have != 200 {
		t.Errorf("200 scrapes refreshed %d times: some refreshed again while they gathered", have)
	}
}

func TestAccountIsALabelOfSeveral(t *testing.T) {
	of := func(account string, status float64) snapshotFunc {
		return snapshotFunc(func(context.Context) *source.Snapshot {
			return &source.Snapshot{
				Target:      source.Target{Account: account, Region: "ap-guangzhou", Action: source.Tasks},
				LastSuccess: time.Unix(1_700_000_000, 0),
				Listing:     &source.Listing{Items: []source.Item{{ID: "a", Name: "n", Status: status}}, Reported: 1},
			}
		})
	}
	body := get(t, exposition(t, of("prod", 1), of("test", 6)).URL)
	for _, want := range []string{
		`datahub_task_status{TaskId="a",TaskName="n",account="prod",region="ap-guangzhou"} 1`,
		`datahub_task_status{TaskId="a",TaskName="n",account="test",region="ap-guangzhou"} 6`,
		`datahub_task_up{account="prod",region="ap-guangzhou"} 1`,
		`datahub_task_up{account="test",region="ap-guangzhou"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("want %s in:\n%s", want, body)
		}
	}
}

func TestHungRegionsDoNotDelayOthers(t *testing.T) {
	t.Parallel()
	hurried := options
	hurried.Timeout = 2 * time.Second
	rig := newRig(t, hurried, "ap-guangzhou", "ap-shanghai", "ap-beijing")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "g", Status: 1})
	rig.scrape(t, tasks, "")
	rig.clock.advance(time.Minute)
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "g", Status: 6})
	rig.cloud.Always("", "ap-shanghai", cloudsim.Hang())
	rig.cloud.Always("", "ap-beijing", cloudsim.Hang())

	have := rig.series(t, tasks, "datahub_task_status{")
	want := []string{`datahub_task_status{TaskId="g",TaskName="",region="ap-guangzhou"} 6`}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("statuses (-want +have):\n%s", diff)
	}
	ups := []string{
		`datahub_task_up{region="ap-beijing"} 0`, `datahub_task_up{region="ap-guangzhou"} 1`, `datahub_task_up{region="ap-shanghai"} 0`,
	}
	if diff := cmp.Diff(ups, rig.series(t, tasks, "datahub_task_up{")); diff != "" {
		t.Errorf("up (-want +have):\n%s", diff)
	}
}

// A single account is not a label, whatever its name.
func TestSingleAccountIsNoLabel(t *testing.T) {
	body := get(t, exposition(t, func(context.Context) *source.Snapshot {
		return &source.Snapshot{Target: source.Target{Account: "common", Region: "ap-guangzhou", Action: source.Tasks}}
	}).URL)
	if want := `datahub_task_up{region="ap-guangzhou"} 0`; !strings.Contains(body, want+"\n") {
		t.Errorf("want %s in:\n%s", want, body)
	}
}

func TestSelfCountsCallsAndRefreshes(t *testing.T) {
	target := source.Target{Account: "test", Region: "ap-guangzhou", Action: source.Connections}
	self := newSelf(t, target, source.Target{Account: "prod", Region: "ap-guangzhou"})
	server := httptest.NewServer(self)
	t.Cleanup(server.Close)
	self.Call(source.CallReport{Target: target, Code: "OK", Duration: 40 * time.Millisecond})
	self.Call(source.CallReport{Target: target, Code: "AuthFailure.TokenFailure", Duration: time.Millisecond})
	self.Refresh(source.RefreshReport{Target: target, Duration: 2 * time.Second})
	self.Refresh(source.RefreshReport{Target: target, Class: source.Throttled, Duration: 8 * time.Second})
	target.Account = "prod"
	self.Refresh(source.RefreshReport{Target: target})
	body := get(t, server.URL)
	for _, want := range []string{
		`ckafka_api_requests_total{account="test",action="DescribeConnectResources",code="OK",region="ap-guangzhou"} 1`,
		`ckafka_api_requests_total{account="test",action="DescribeConnectResources",code="AuthFailure.TokenFailure",region="ap-guangzhou"} 1`,
		`ckafka_api_request_duration_seconds_bucket{account="test",action="DescribeConnectResources",region="ap-guangzhou",le="0.05"} 2`,
		`ckafka_api_request_duration_seconds_count{account="test",action="DescribeConnectResources",region="ap-guangzhou"} 2`,
		`ckafka_refreshes_total{account="test",action="DescribeConnectResources",region="ap-guangzhou",result="success"} 1`,
		`ckafka_refreshes_total{account="test",action="DescribeConnectResources",region="ap-guangzhou",result="throttled"} 1`,
		`ckafka_refreshes_total{account="prod",action="DescribeConnectResources",region="ap-guangzhou",result="success"} 1`,
		`ckafka_refresh_duration_seconds_sum{account="test",action="DescribeConnectResources",region="ap-guangzhou"} 10`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("want %s in:\n%s", want, body)
		}
	}
}
