package instrument

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"datahub_exporter/source"
)

func listed(count int, rename map[int]string) []*source.Snapshot {
	listing := &source.Listing{}
	for i := range count {
		name := fmt.Sprintf("orders-%d", i)
		if renamed, ok := rename[i]; ok {
			name = renamed
		}
		listing.Items = append(listing.Items, source.Item{ID: fmt.Sprintf("task-%d", i), Name: name})
	}
	return []*source.Snapshot{{Target: source.Target{Account: "a", Region: "r", Action: source.Tasks}, Listing: listing}}
}

// The labels of an item last while it is listed by the same name, and no longer.
func TestLabelsLastAcrossRefreshes(t *testing.T) {
	cache := newLabelCache(Kinds()[0])
	first := cache.of(listed(3, nil))[0].items
	second := cache.of(listed(4, map[int]string{1: "renamed"}))[0].items
	var kept []bool
	for i := range first {
		kept = append(kept, first[i] == second[i])
	}
	if diff := cmp.Diff([]bool{true, false, true}, kept); diff != "" {
		t.Errorf("labels of the refresh before (-want +have):\n%s", diff)
	}
	cache.of(listed(1, nil))
	if third := cache.of(listed(3, nil))[0].items; third[0] != first[0] || third[2] == first[2] {
		t.Errorf("after a deletion: want those of task-0 kept and those of task-2 built anew")
	}
}

// A refresh that brings the same items builds no attribute set.
func TestSameItemsBuildNoLabels(t *testing.T) {
	cache := newLabelCache(Kinds()[0])
	allocations := func(count int) float64 {
		snapshots := make([][]*source.Snapshot, 22)
		for i := range snapshots {
			snapshots[i] = listed(count, nil)
		}
		next := 0
		return testing.AllocsPerRun(20, func() {
			cache.of(snapshots[next])
			next++
		})
	}
	allocations(2000)
	if have := allocations(2000); have > 100 {
		t.Errorf("allocations for 2,000 items that stay: want 100 at the most, have %v", have)
	}
}

// A second account makes the account a label of all series, and one that is gone
// leaves nothing behind.
func TestLabelsFollowTheAccounts(t *testing.T) {
	cache := newLabelCache(Kinds()[0])
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
		for _, labels := range cache.of(step.snapshots) {
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
