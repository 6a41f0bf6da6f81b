package cloudsim_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// pages returns a folder with recorded responses.
func pages(files map[string]string) fstest.MapFS {
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o600}
	}
	return folder
}

// replayed returns the IDs in the response of a recording, or its error code.
func replayed(t *testing.T, recording *cloudsim.Recording, secretID string, call cloudsim.Call) string {
	t.Helper()
	answer := &cloudsim.Answer{Call: call, SecretID: secretID}
	recording.Fault(answer)
	if answer.Code != "" {
		return answer.Code
	}
	var document struct {
		Response struct {
			Error  struct{ Code string }
			Result struct {
				TotalCount json.Number
				TaskList   []struct {
					TaskID string `json:"TaskId"`
				}
				ConnectResourceList []any
			}
		}
	}
	if err := json.Unmarshal(answer.Body, &document); err != nil {
		t.Fatalf("%v in:\n%s", err, answer.Body)
	}
	ids := []string{document.Response.Error.Code, document.Response.Result.TotalCount.String()}
	for _, task := range document.Response.Result.TaskList {
		ids = append(ids, task.TaskID)
	}
	return strings.Join(ids, " ")
}

func TestRecording(t *testing.T) {
	const action, region = cloudsim.DescribeDatahubTasks, "ap-guangzhou"
	recording, err := cloudsim.LoadRecording(pages(map[string]string{
		"account-1_ap-guangzhou_DescribeDatahubTasks_0.json":     `{"Response": {"Result": {"TotalCount": 103, "TaskList": [{"TaskId": "a"}, {"TaskId": "b"}, {"TaskId": "c"}]}}}`,
		"account-1_ap-guangzhou_DescribeDatahubTasks_100.json":   `{"Response": {"Result": {"TotalCount": 103, "TaskList": [{"TaskId": "d"}]}}}`,
		"account-2_ap-guangzhou_DescribeDatahubTasks_0.json":     `{"Response": {"Error": {"Code": "UnauthorizedOperation", "Message": "x"}}}`,
		"account-10_ap-shanghai-fsi_DescribeDatahubTasks_0.json": `{"Response": null}`,
		".DS_Store": "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	accounts := recording.Accounts()
	var told []string
	for _, account := range accounts {
		told = append(told, account.Name+" "+strings.Join(account.Regions, ","))
	}
	if diff := cmp.Diff([]string{"account-1 ap-guangzhou", "account-2 ap-guangzhou", "account-10 ap-shanghai-fsi"}, told); diff != "" {
		t.Fatalf("(-want +have):\n%s", diff)
	}
	for name, test := range map[string]struct {
		account       int
		action        string
		offset, limit int
		want          string
	}{
		"a page":                 {0, action, 0, 100, " 103 a b c"},
		"the page behind":        {0, action, 100, 100, " 103 d"},
		"a page that was none":   {0, action, 200, 100, " 103"},
		"an error":               {1, action, 0, 100, "UnauthorizedOperation "},
		"the same, further":      {1, action, 100, 100, "UnauthorizedOperation "},
		"what was not asked for": {0, cloudsim.DescribeConnectResources, 0, 100, "InternalError"},
		"another's region":       {2, action, 0, 100, "InternalError"},
	} {
		call := cloudsim.Call{Action: test.action, Region: region, Offset: test.offset, Limit: test.limit}
		if have := replayed(t, recording, accounts[test.account].SecretID, call); have != test.want {
			t.Errorf("%s: want %q, have %q", name, test.want, have)
		}
	}
}

func TestLoadRecordingRefuses(t *testing.T) {
	const name = "account-1_ap-guangzhou_DescribeDatahubTasks_0.json"
	for want, files := range map[string]map[string]string{
		"holds no recorded answer":                   {},
		"file notes.txt: has not the name":           {name: "{}", "notes.txt": ""},
		"file account-0_a-b_DescribeDatahubTasks_0.": {"account-0_a-b_DescribeDatahubTasks_0.json": "{}"},
		"is not JSON":           {name: "{"},
		"is not a regular file": {name: strings.Repeat(" ", 4<<20) + "{}"},
	} {
		if _, err := cloudsim.LoadRecording(pages(files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, have %v", want, err)
		}
	}
}
