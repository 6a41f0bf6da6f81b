package recording_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/recording"
)

// odd is a response with everything that a recording has to distinguish.
const odd = `{"Response":{"Result":{"TotalCount":7,"TaskList":[null,{
	"TaskId":"task-1","TaskName":"订单 orders","Status":1,"TaskType":"SOURCE","TaskProgress":36.5,"Description":"é ü 🌀",
	"ErrorMessage":"Access denied for user 'hush'@'10.9.8.7'","CreateTime":"2025-11-03 14:26:51","TaskCurrentStep":"FINISH",
	"StepList":["CheckResource","see 10.9.8.7"],"Flag":true,"Uin":100000000001,"Password":"hushhush","Pin":987654,
	"hush.key":"hushhush","TaskId":"task-1",
	"SourceResource":{"Type":"MYSQL","MySQLParam":{"Resource":"resource-1","Password":"hushhush","UserName":"hush","Ip":"10.9.8.7","Port":33987,
		"Secret":987654,"SelfBuilt":true,"Nested":{"Resource":"10.9.8.7"}},"KafkaParam":null},
	"TargetResource":{"Type":"hushhush","TopicParam":{"Resource":"resource-1","ResourceName":987654,"Topic":"a"}}}]},
	"RequestId":"c10dc0de-0000"}}`

// record returns the recording of a response.
func record(t *testing.T, body string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "recording")
	recorder, err := recording.Create(folder, []string{"prod"})
	if err != nil {
		t.Fatal(err)
	}
	defer recorder.Close()
	recorder.Add("prod", "ap-guangzhou", "DescribeDatahubTasks", 0, []byte(body))
	if err := recorder.Err(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "account-1_ap-guangzhou_DescribeDatahubTasks_0.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRecordingHasNoTextOfTheAPI(t *testing.T) {
	text := record(t, odd)
	for _, hidden := range []string{"hush", "10.9.8.7", "33987", "987654", "100000000001", "task-1", "resource-1", "orders", "订单", "denied", "2025", "c10dc0de", "prod"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%s is in:\n%s", hidden, text)
		}
	}
}

// tree returns the decoded JSON of a text.
func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	var document struct {
		Response struct{ Result map[string]any }
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return document.Response.Result
}

func TestRecordingKeepsTheStructure(t *testing.T) {
	text := record(t, odd)
	have := tree(t, text)
	task := have["TaskList"].([]any)[1].(map[string]any)
	source, target := task["SourceResource"].(map[string]any), task["TargetResource"].(map[string]any)
	param := source["MySQLParam"].(map[string]any)
	type text2 struct{ Have, Like string }
	likes := map[string]text2{
		"TaskName": {task["TaskName"].(string), "订单 orders"}, "Description": {task["Description"].(string), "é ü 🌀"},
		"Resource": {param["Resource"].(string), "resource-1"}, "type without the form of one": {target["Type"].(string), "hushhush"},
		"step without the form of one": {task["StepList"].([]any)[1].(string), "see 10.9.8.7"},
	}
	for name, text := range likes {
		if text.Have == text.Like || len(text.Have) != len(text.Like) || utf8.RuneCountInString(text.Have) != utf8.RuneCountInString(text.Like) {
			t.Errorf("%s: want another text of the length of %q, have %q", name, text.Like, text.Have)
		}
	}
	if resource := target["TopicParam"].(map[string]any)["Resource"]; resource != param["Resource"] {
		t.Errorf("want one stand-in for one text, have %v and %v", param["Resource"], resource)
	}
	want := map[string]any{
		"TotalCount": 7.0, "Status": 1.0, "TaskType": "SOURCE", "TaskProgress": 36.5, "TaskCurrentStep": "FINISH", "step": "CheckResource",
		"Flag": true, "Uin": 0.0, "null item": nil, "Type": "MYSQL", "KafkaParam": nil,
		"Password": nil, "Port": nil, "SelfBuilt": nil, "Nested": nil, "ResourceName": 0.0,
	}
	kept := map[string]any{
		"TotalCount": have["TotalCount"], "Status": task["Status"], "TaskType": task["TaskType"], "TaskProgress": task["TaskProgress"],
		"TaskCurrentStep": task["TaskCurrentStep"], "step": task["StepList"].([]any)[0], "Flag": task["Flag"], "Uin": task["Uin"],
		"null item": have["TaskList"].([]any)[0], "Type": source["Type"], "KafkaParam": source["KafkaParam"],
		"Password": param["Password"], "Port": param["Port"], "SelfBuilt": param["SelfBuilt"], "Nested": param["Nested"],
		"ResourceName": target["TopicParam"].(map[string]any)["ResourceName"],
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// Of the newer fields, limits are kept, and keys and values of tags are not.
func TestRecordingReplacesTags(t *testing.T) {
	text := record(t, `{"Response":{"Result":{"TaskMax":4,"SyncThrottleLimit":20.5,"AutoExpandFlag":true,"Tags":[{"TagKey":"hush","TagValue":"hush hush"}]}}}`)
	result := tree(t, text)
	if tags := result["Tags"].([]any)[0].(map[string]any); len(tags) != 2 || strings.Contains(text, "hush") {
		t.Errorf("want a key and a value, both replaced, have:\n%s", text)
	}
	delete(result, "Tags")
	if diff := cmp.Diff(map[string]any{"TaskMax": 4.0, "SyncThrottleLimit": 20.5, "AutoExpandFlag": true}, result); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}

// Of consumer groups, the offsets are kept, in both ways to write their names, and that
// a group is named after its task.
func TestRecordingKeepsOffsets(t *testing.T) {
	const offsets = `"Partition":1,"Offset":5,"LogEndOffset":9,"Lag":4,"ErrorCode":0,"Port":33987`
	text := record(t, `{"Response":{"Result":{"TaskId":"task-1","Connections":[{"GroupId":"datahub-task-1"},{"GroupId":"hush"}],
		"TopicList":[{`+offsets+`}],"topicList":[{"partition":1,"offset":5,"logEndOffset":9,"lag":4,"errorCode":0}]}}}`)
	result := tree(t, text)
	for list, want := range map[string]map[string]any{
		"TopicList": {"Partition": 1.0, "Offset": 5.0, "LogEndOffset": 9.0, "Lag": 4.0, "ErrorCode": 0.0, "Port": 0.0},
		"topicList": {"partition": 1.0, "offset": 5.0, "logEndOffset": 9.0, "lag": 4.0, "errorCode": 0.0},
	} {
		if diff := cmp.Diff([]any{want}, result[list]); diff != "" {
			t.Errorf("%s (-want +have):\n%s", list, diff)
		}
	}
	group := result["Connections"].([]any)[0].(map[string]any)["GroupId"]
	if want := "datahub-" + result["TaskId"].(string); group != want || strings.Contains(text, "hush") {
		t.Errorf("group: want %s, have %v, in:\n%s", want, group, text)
	}
}

// Different texts get different stand-ins, and two recordings of one response have
// nothing in common.
func TestStandIns(t *testing.T) {
	var list strings.Builder
	for i := range 500 {
		fmt.Fprintf(&list, `%s{"TaskId":"%03d"}`, map[bool]string{true: ","}[i > 0], i)
	}
	body := `{"Response":{"Result":{"TaskList":[` + list.String() + `]}}}`
	first, second := tree(t, record(t, body)), tree(t, record(t, body))
	ids, same := map[any]bool{}, 0
	for i, item := range first["TaskList"].([]any) {
		id := item.(map[string]any)["TaskId"]
		ids[id] = true
		if id == second["TaskList"].([]any)[i].(map[string]any)["TaskId"] {
			same++
		}
	}
	if len(ids) != 500 || same > 50 {
		t.Errorf("want 500 different IDs, drawn anew for each recording, have %d of which %d came again", len(ids), same)
	}
}

func TestFolderOfARecording(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	for _, want := range []struct {
		refused bool
		what    string
	}{{false, "a new folder"}, {true, "one with a recording"}} {
		recorder, err := recording.Create(folder, []string{"prod", "test"})
		if (err != nil) != want.refused {
			t.Fatalf("%s: have %v", want.what, err)
		}
		if err != nil {
			continue
		}
		recorder.Add("test", "ap-guangzhou", "DescribeConnectResources", 100, []byte(odd))
		recorder.Close()
		path := filepath.Join(folder, "account-2_ap-guangzhou_DescribeConnectResources_100.json")
		for path, mode := range map[string]fs.FileMode{path: 0o600, folder: 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: want mode %o, have %v, %v", path, mode, info, err)
			}
		}
	}
}

// A response that is not JSON is not written: its parts cannot be distinguished.
func TestAnswersThatAreNotJSONAreLeftOut(t *testing.T) {
	for name, body := range map[string]string{
		"text": "hush", "cut": odd[:300], "more": odd + "hush", "nothing": "", "half a name": `{"a`, "half a list": `[1,`, "wrong bracket": `[}`,
	} {
		folder := t.TempDir()
		recorder, err := recording.Create(folder, []string{"prod"})
		if err != nil {
			t.Fatal(err)
		}
		recorder.Add("prod", "ap-guangzhou", "DescribeDatahubTasks", 0, []byte(body))
		entries, _ := os.ReadDir(folder)
		if err := recorder.Err(); err == nil || strings.Contains(err.Error(), "hush") || len(entries) > 0 {
			t.Errorf("%s: want an error and no file, have %v and %v", name, err, entries)
		}
		recorder.Close()
	}
}
