package cloudsim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// withoutNulls removes nulls, which a reader does not look at.
func withoutNulls(value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	kept := map[string]any{}
	for name, nested := range object {
		if nested != nil {
			kept[name] = withoutNulls(nested)
		}
	}
	return kept
}

func decode(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestWireFormat(t *testing.T) {
	const shared = `"CreateTime":"2025-11-03 14:26:51","StepList":["CheckResource","CreateTopic","StartConnector"],`
	cases := map[string]struct {
		action string
		item   cloudsim.Item
		want   string
	}{
		"source task": {
			tasks,
			cloudsim.Item{
				ID: "task-a", Name: "订单", Status: 9, Type: "SOURCE", Source: "MONGODB", Target: "TOPIC",
				Resource: "resource-a", ErrorMessage: "lost",
			},
			`{"TaskId":"task-a","TaskName":"订单","TaskType":"SOURCE","Status":9,"ErrorMessage":"lost","TaskProgress":100,` +
				`"TaskCurrentStep":"FINISH","Description":"","WarnMessage":"","DatahubId":"datahub-a",` + shared + `
				"SourceResource":{"Type":"MONGODB","MongoDBParam":{"Resource":"resource-a","Ip":"10.12.3.8","Port":27017,
					"SelfBuilt":true,"UserName":"datahub_reader","Password":"S3cr3t-db-password"}},
				"TargetResource":{"Type":"TOPIC",
					"TopicParam":{"Resource":"1250000000-task-a","OffsetType":"latest","StartTime":0}}}`,
		},
		"sink task, creating": {
			tasks,
			cloudsim.Item{ID: "task-b", Type: "SINK", Source: "TOPIC", Target: "MYSQL", Resource: "resource-b"},
			`{"TaskId":"task-b","TaskName":"","TaskType":"SINK","Status":0,"ErrorMessage":"","TaskProgress":0,` +
				`"TaskCurrentStep":"CheckResource","Description":"","WarnMessage":"","DatahubId":"datahub-b",` + shared + `
				"SourceResource":{"Type":"TOPIC",
					"TopicParam":{"Resource":"1250000000-task-b","OffsetType":"latest","StartTime":0}},
				"TargetResource":{"Type":"MYSQL",
					"MySQLParam":{"Resource":"resource-b","Database":"shop","Table":"shop.orders"}}}`,
		},
		"connection with fields": {
			connections,
			cloudsim.Item{
				ID: "resource-c", Name: "c", Status: 7, Type: "MYSQL",
				Fields: map[string]any{"Status": "seven", "DatahubTaskCount": nil, "Novel": []any{1}},
			},
			`{"ResourceId":"resource-c","ResourceName":"c","Description":"","Type":"MYSQL","Status":"seven",` + shared + `
				"ErrorMessage":"","CurrentStep":"FINISH","TaskProgress":100,"Novel":[1],
				"MySQLConnectParam":{"Resource":"cdb-8w3kq5zr","ServiceVip":"10.12.3.8","UniqVpcId":"vpc-5ugb0qpl",
					"Port":3306,"UserName":"datahub_reader","Password":"S3cr3t-db-password"}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, nil)
			cloud.inventory.Set(c.action, guangzhou, c.item)
			result := cloud.call(t, c.action, guangzhou, "{}").Response.Result
			list := slices.Concat(result.TaskList, result.ConnectResourceList)
			if len(list) != 1 {
				t.Fatalf("want 1 item, have %d", len(list))
			}
			if diff := cmp.Diff(decode(t, c.want), withoutNulls(list[0])); diff != "" {
				t.Errorf("item (-want +have):\n%s", diff)
			}
		})
	}
}

func TestNullsAreSent(t *testing.T) {
	cloud := newCloud(t, nil)
	cloud.inventory.Set(tasks, guangzhou,
		cloudsim.Item{Null: true}, cloudsim.Item{ID: "task-a", Fields: map[string]any{"Status": nil}})
	list := cloud.call(t, tasks, guangzhou, "{}").Response.Result.TaskList
	if len(list) != 2 || list[0] != nil {
		t.Fatalf("want null and an item, have %v", list)
	}
	if status, sent := list[1]["Status"]; !sent || status != nil {
		t.Errorf("want a status of null, have %v (sent: %v)", status, sent)
	}
}

// TestDatabasePassword checks that the password is where it should be: a test that
// looks for a leak needs something that could leak.
func TestDatabasePassword(t *testing.T) {
	for kind, want := range map[string]bool{
		"MYSQL": true, "POSTGRESQL": true, "TDSQL_C_MYSQL": true, "MONGODB": true, "ES": true, "DTS": true,
		"CLICKHOUSE": true, "MQTT": true, "KAFKA": false, "NOVEL": false,
	} {
		cloud := newCloud(t, nil)
		cloud.inventory.Set(connections, guangzhou, cloudsim.Item{ID: "resource-a", Type: kind})
		text, err := json.Marshal(cloud.call(t, connections, guangzhou, "{}"))
		if err != nil {
			t.Fatal(err)
		}
		if have := strings.Contains(string(text), cloudsim.DatabasePassword); have != want {
			t.Errorf("%s: password sent: want %v, have %v", kind, want, have)
		}
	}
}

func TestInventorySetReplacesAndCopies(t *testing.T) {
	cloud := newCloud(t, nil)
	items := []cloudsim.Item{{ID: "task-a"}, {ID: "task-b"}}
	cloud.inventory.Set(tasks, "ap-beijing", items...)
	items[0].ID = "task-changed"
	if diff := cmp.Diff([]string{"task-a", "task-b"}, cloud.call(t, tasks, "ap-beijing", "{}").ids()); diff != "" {
		t.Errorf("after the caller's change (-want +have):\n%s", diff)
	}
	cloud.inventory.Set(tasks, "ap-beijing")
	if diff := cmp.Diff([]string{}, cloud.call(t, tasks, "ap-beijing", "{}").ids()); diff != "" {
		t.Errorf("after the second Set (-want +have):\n%s", diff)
	}
}
