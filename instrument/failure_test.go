package instrument_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/source"
)

// A failure's message stays as long as status and reason stay, and no longer.
func TestErrorInfoKeepsItsFirstMessage(t *testing.T) {
	const purged, lost = "has purged binary logs at 4", "has purged binary logs at 1024"
	rig := newRig(t, options, "ap-guangzhou")
	steps := []struct {
		says         string
		name         string
		status       int64
		message      string
		reason, want string // no series if empty
	}{
		{"a message of a healthy task is no error", "orders", 1, "运行中", "", ""},
		{"nor is one of a paused task", "orders", 6, "paused by user", "", ""},
		{"a failure without a message tells nothing", "orders", 9, "", "", ""},
		{"nor does one of spaces", "orders", 9, " \n\t", "", ""},
		{"the first message", "orders", 9, purged, "position_lost", purged},
		{"another position", "orders", 9, lost, "position_lost", purged},
		{"another name", "orders-v2", 9, lost, "position_lost", purged},
		{"another reason", "orders-v2", 9, "Access denied for user", "access_denied", "Access denied for user"},
		{"the first reason again", "orders-v2", 9, lost, "position_lost", lost},
		{"another failure", "orders-v2", 7, purged, "position_lost", purged},
		{"no message any more", "orders-v2", 7, "", "", ""},
		{"a message again", "orders-v2", 7, lost, "position_lost", lost},
		{"healthy", "orders-v2", 1, lost, "", ""},
		{"failed again", "orders-v2", 7, purged, "position_lost", purged},
		{"the word of a state tells no cause", "orders-v2", 4, "运行中", "other", "运行中"},
		{"a code of no table is no failure", "orders-v2", 42, purged, "", ""},
		{"a long one", "orders-v2", -1, strings.Repeat("a\r", 200), "other", strings.Repeat("a ", 127) + "a…"},
	}
	for _, step := range steps {
		rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou",
			cloudsim.Item{ID: "a", Name: step.name, Status: step.status, ErrorMessage: step.message})
		var want []string
		if step.reason != "" {
			want = []string{fmt.Sprintf(`datahub_task_error_info{ErrorMessage=%q,TaskId="a",TaskName=%q,reason=%q,region="ap-guangzhou"} 1`, step.want, step.name, step.reason)}
		}
		if diff := cmp.Diff(want, rig.series(t, tasks, "datahub_task_error_info{")); diff != "" {
			t.Errorf("%s (-want +have):\n%s", step.says, diff)
		}
		rig.clock.advance(time.Minute)
	}
}

// Every item has exactly one state.
func TestStateFollowsTheStatus(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	for _, step := range []struct {
		status           any
		task, connection string
	}{{1, "running", "running"}, {5, "pausing", "updating"}, {7, "pause_failed", "abnormal"}, {42, "unknown", "unknown"}, {nil, "unknown", "unknown"}} {
		item := cloudsim.Item{ID: "a", Fields: map[string]any{"Status": step.status}}
		for i, kind := range source.Kinds() {
			rig.fleet.Set(string(kind.Action), "ap-guangzhou", item)
			want := []string{fmt.Sprintf(`%s_state{%s="a",%s="",region="ap-guangzhou",state=%q} 1`,
				kind.Prefix, kind.IDLabel, kind.NameLabel, []string{step.task, step.connection}[i])}
			if diff := cmp.Diff(want, rig.series(t, i, kind.Prefix+"_state{")); diff != "" {
				t.Errorf("status %v (-want +have):\n%s", step.status, diff)
			}
		}
		rig.clock.advance(time.Minute)
	}
}

// The ends of a task name the connection behind them, whatever other fields they
// have.
func TestInfoNamesTheEnds(t *testing.T) {
	param := func(name string, values map[string]any) map[string]any {
		return map[string]any{"Type": strings.ToUpper(strings.TrimSuffix(name, "Param")), name: values}
	}
	tests := map[string]struct {
		end      map[string]any
		resource string
	}{
		"a connection":         {param("MySQLParam", map[string]any{"Resource": "resource-1", "Table": "shop.orders"}), "resource-1"},
		"a connection's topic": {param("KafkaParam", map[string]any{"Resource": "resource-1", "Topic": "orders"}), "resource-1"},
		"an instance's topic":  {param("KafkaParam", map[string]any{"Resource": "ckafka-8w3kq5zr", "ResourceName": "prod", "Topic": "orders"}), "ckafka-8w3kq5zr/orders"},
		"an instance":          {param("KafkaParam", map[string]any{"Resource": "ckafka-8w3kq5zr", "Topic": nil}), "ckafka-8w3kq5zr"},
		"a topic":              {param("TopicParam", map[string]any{"Resource": "1250000000-orders", "Topic": nil}), "1250000000-orders"},
		"nothing":              {map[string]any{"Type": "HTTP"}, ""},
		"lines without end":    {param("MySQLParam", map[string]any{"Resource": "a\nb" + strings.Repeat("c", 100_000)}), "a b" + strings.Repeat("c", 252) + "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, options, "ap-guangzhou")
			rig.fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{
				ID: "task-a", Type: "SINK", Fields: map[string]any{"SourceResource": test.end, "TargetResource": test.end},
			})
			want := []string{fmt.Sprintf(`datahub_task_info{DatahubId="datahub-a",SourceResource=%q,SourceType=%q,TargetResource=%[1]q,TargetType=%[2]q,`+
				`TaskId="task-a",TaskName="",TaskType="SINK",region="ap-guangzhou"} 1`, test.resource, test.end["Type"])}
			if diff := cmp.Diff(want, rig.series(t, tasks, "datahub_task_info{")); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}

// The number of tasks of a connection is exposed if the API sends it, even if it is
// 0.
func TestTasksOfAConnection(t *testing.T) {
	rig := newRig(t, options, "ap-guangzhou")
	rig.fleet.Set(cloudsim.DescribeConnectResources, "ap-guangzhou",
		cloudsim.Item{ID: "a", Type: "MYSQL", Fields: map[string]any{"DatahubTaskCount": 0}},
		cloudsim.Item{ID: "b", Fields: map[string]any{"DatahubTaskCount": nil}},
		cloudsim.Item{ID: "c", Fields: map[string]any{"DatahubTaskCount": 3}},
	)
	want := []string{
		`connect_resource_info{ResourceId="a",ResourceName="",Type="MYSQL",region="ap-guangzhou"} 1`,
		`connect_resource_info{ResourceId="b",ResourceName="",Type="",region="ap-guangzhou"} 1`,
		`connect_resource_info{ResourceId="c",ResourceName="",Type="",region="ap-guangzhou"} 1`,
		`connect_resource_tasks{ResourceId="a",ResourceName="",region="ap-guangzhou"} 0`,
		`connect_resource_tasks{ResourceId="c",ResourceName="",region="ap-guangzhou"} 3`,
	}
	have := append(rig.series(t, connections, "connect_resource_info{"), rig.series(t, connections, "connect_resource_tasks{")...)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// The families state, info and error_info have the account label if there are
// several accounts, and only then.
func TestAccountInAllFamilies(t *testing.T) {
	prod, test := failedTask("prod"), failedTask("test")
	for want, accounts := range map[int][]snapshotFunc{0: {prod}, 3: {prod, test}} {
		body := get(t, exposition(t, accounts...).URL)
		have := 0
		for _, family := range []string{"state", "info", "error_info"} {
			for line := range strings.Lines(body) {
				if strings.HasPrefix(line, "datahub_task_"+family+"{") && strings.Contains(line, `,account="prod",`) {
					have++
				}
			}
		}
		if have != want {
			t.Errorf("%d accounts: want %d series with an account, have %d in:\n%s", len(accounts), want, have, body)
		}
	}
}

// failedTask returns an account with one failed task.
func failedTask(account string) snapshotFunc {
	snapshot := &source.Snapshot{
		Target: source.Target{Account: account, Region: "ap-guangzhou", Action: source.Tasks},
		Listing: &source.Listing{Items: []source.Item{
			{ID: "a", Status: 9, Details: &source.Details{Message: "Access denied"}},
		}},
	}
	return func(context.Context) *source.Snapshot { return snapshot }
}
