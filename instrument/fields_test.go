package instrument_test

import (
	"strings"
	"testing"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

func tag(key string, value any) map[string]any {
	return map[string]any{"TagKey": key, "TagValue": value}
}

// What newer items have besides is exposed, and nothing where the API does not say.
func TestFieldsAreExact(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou",
		cloudsim.Item{ID: "task-limited", Name: "a", Status: 1, Fields: map[string]any{"TaskMax": 4, "SyncThrottleLimit": 20.5, "AutoExpandFlag": true}},
		cloudsim.Item{ID: "task-zero", Name: "b", Status: 1, Fields: map[string]any{"TaskMax": 0, "SyncThrottleLimit": 0, "AutoExpandFlag": false}},
		cloudsim.Item{ID: "task-older", Name: "c", Status: 1},
		cloudsim.Item{ID: "task-odd", Name: "d", Status: 1, Fields: map[string]any{"TaskMax": "4", "SyncThrottleLimit": []any{1}, "AutoExpandFlag": map[string]any{}, "Tags": 1}},
		cloudsim.Item{ID: "task-warned", Name: "e", Status: 1, Fields: map[string]any{"WarnMessage": "Slot is\ninactive"}},
		cloudsim.Item{ID: "task-warned-and-failed", Name: "f", Status: 9, ErrorMessage: "no", Fields: map[string]any{"WarnMessage": "Access denied for user"}})
	rig.fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou",
		cloudsim.Item{ID: "resource-both", Name: "a", Status: 1, Fields: map[string]any{"Tags": []any{tag("cost-center", "7&owner=x"), tag("team", "数据\n平台"), tag("env", "prod")}}},
		cloudsim.Item{ID: "resource-one", Name: "b", Status: 1, Fields: map[string]any{"Tags": []any{tag("team", nil)}}},
		cloudsim.Item{ID: "resource-other", Name: "c", Status: 1, Fields: map[string]any{"Tags": []any{tag("env", "prod"), tag("Team", "x")}}},
		cloudsim.Item{ID: "resource-none", Name: "d", Status: 1, Fields: map[string]any{"WarnMessage": "none of a connection"}})
	var have strings.Builder
	for i, kind := range source.Kinds() {
		rig.paths[i] = expose(t, kind, rig.set, "team", "cost-center")
		text, _ := rig.scrape(t, i, "")
		for line := range strings.Lines(text) {
			for _, part := range []string{"_max_tasks", "_sync_throttle_limit", "_auto_expand", "_warning_info", "_tags_info"} {
				if strings.Contains(line, part) {
					have.WriteString(line)
				}
			}
		}
	}
	golden(t, "fields.txt", have.String())
}

// Without the flag, tags make no series.
func TestTagsAreOptIn(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou", cloudsim.Item{ID: "resource-1", Fields: map[string]any{"Tags": []any{tag("team", "a")}}})
	if have := rig.series(t, connections, "connect_resource_tags"); have != nil {
		t.Errorf("want none, have %v", have)
	}
}
