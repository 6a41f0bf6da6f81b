package instrument

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/source"
)

// listed returns a listing of tasks, each of which leads from a connection to a
// topic and every third of which has failed. change, if not nil, may modify each
// item.
func listed(count int, change func(i int, item *source.Item)) []*source.Snapshot {
	listing := &source.Listing{}
	for i := range count {
		item := source.Item{ID: fmt.Sprintf("task-%d", i), Name: fmt.Sprintf("orders-%d", i), Status: 1, Details: &source.Details{
			Type: "SOURCE", DatahubID: fmt.Sprintf("datahub-%d", i), Message: "运行中",
			Source: source.End{Type: "MYSQL", Resource: "resource-1"},
			Target: source.End{Type: "KAFKA", Resource: "ckafka-8w3kq5zr", Topic: "orders"},
		}}
		if i%3 == 0 {
			item.Status, item.Details.Message = 9, "Access denied for user 'datahub'@'%'"
		}
		if change != nil {
			change(i, &item)
		}
		listing.Items = append(listing.Items, item)
	}
	return []*source.Snapshot{{Target: source.Target{Account: "a", Region: "r", Action: source.Tasks}, Listing: listing}}
}

// whole is a scrape of everything.
func whole(snapshots []*source.Snapshot) scrape { return scrape{snapshots, snapshots} }

// The labels of an item are kept as long as it is listed and its data stays the
// same, and no longer.
func TestLabelsLastAcrossRefreshes(t *testing.T) {
	cache := newLabelCache(source.TaskKind())
	first := cache.of(whole(listed(7, nil)))[0].items
	changes := []func(*source.Item){
		1: func(item *source.Item) { item.Name = "renamed" },
		2: func(item *source.Item) { item.Status = 6 },
		4: func(item *source.Item) { item.Details.Target.Topic = "orders-v2" },
		5: func(item *source.Item) { item.Details.Message = "RUNNING" },
		6: func(item *source.Item) { item.Details.Message = "Unknown database 'shop'" },
	}
	second := cache.of(whole(listed(8, func(i int, item *source.Item) {
		if i < len(changes) && changes[i] != nil {
			changes[i](item)
		}
	})))[0].items
	var kept []bool
	for i := range first {
		kept = append(kept, first[i].state == second[i].state && first[i].info == second[i].info && first[i].failure == second[i].failure)
	}
	if diff := cmp.Diff([]bool{true, false, false, true, false, true, false}, kept); diff != "" {
		t.Errorf("labels of the refresh before (-want +have):\n%s", diff)
	}
	cache.of(whole(listed(1, nil)))
	if third := cache.of(whole(listed(3, nil)))[0].items; third[0] != first[0] || third[2] == first[2] {
		t.Errorf("after a deletion: want those of task-0 kept and those of task-2 built anew")
	}
}

// A refresh with the same items builds no attribute set.
func TestSameItemsBuildNoLabels(t *testing.T) {
	cache := newLabelCache(source.TaskKind())
	allocations := func(count int) float64 {
		snapshots := make([][]*source.Snapshot, 22)
		for i := range snapshots {
			snapshots[i] = listed(count, nil)
		}
		next := 0
		return testing.AllocsPerRun(5, func() {
			cache.of(whole(snapshots[next]))
			next++
		})
	}
	allocations(2000)
	if have := allocations(2000); have > 100 {
		t.Errorf("allocations for 2,000 items that stay: want 100 at the most, have %v", have)
	}
}

// A thousand messages that differ only in a position make one series.
func TestChangingMessageMakesOneSeries(t *testing.T) {
	cache := newLabelCache(source.TaskKind())
	made := map[any]bool{}
	for position := range 1000 {
		labels := cache.of(whole(listed(1, func(_ int, item *source.Item) {
			item.Details.Message = fmt.Sprintf("Could not find first log file name in binary log index file, at mysql-bin.%06d:%d", position/10, 4*position)
		})))
		made[labels[0].items[0].failure] = true
	}
	if len(made) != 1 {
		t.Errorf("series of the failure: want 1, have %d", len(made))
	}
}

// A second account adds the account label to all series, and an account that is
// gone leaves nothing behind.
func TestLabelsFollowTheAccounts(t *testing.T) {
	cache := newLabelCache(source.TaskKind())
	one, two := listed(1, nil), append(listed(1, nil), listed(1, nil)...)
	two[1].Target.Account = "b"
	for _, step := range []struct {
		snapshots []*source.Snapshot
		want      []string
	}{
		{one, []string{"region=r"}},
		{two, []string{"account=a,region=r", "account=b,region=r"}},
		{one, []string{"region=r"}},
		{nil, nil},
	} {
		var have []string
		for _, labels := range cache.of(whole(step.snapshots)) {
			attributes := metric.NewObserveConfig([]metric.ObserveOption{labels.target}).Attributes()
			have = append(have, attributes.Encoded(attribute.DefaultEncoder()))
		}
		if diff := cmp.Diff(step.want, have); diff != "" {
			t.Errorf("(-want +have):\n%s", diff)
		}
		if len(cache.byTarget) != len(step.snapshots) {
			t.Errorf("labels of targets: want %d, have %d", len(step.snapshots), len(cache.byTarget))
		}
	}
}
