package ckafka_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"datahub_exporter/source"
)

// asked is what the API sees of a call.
type asked struct {
	Action, Region string
	Parameters     map[string]int
}

// answering returns an API that sends the same body for each call, and the first
// call that it received.
func answering(t *testing.T, body string) (*network, *asked) {
	t.Helper()
	var first asked
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first.Action == "" {
			first = asked{Action: r.Header.Get("X-TC-Action"), Region: r.Header.Get("X-TC-Region")}
			if err := json.NewDecoder(r.Body).Decode(&first.Parameters); err != nil {
				t.Error(err)
			}
		}
		_, _ = io.WriteString(w, body)
	})), &first
}

func TestResponsesBecomeListings(t *testing.T) {
	const listing = `{"Response":{"RequestId":"r","Result":{"TotalCount":%s,%q:[%s]}}}`
	tasks := func(total, list string) string { return fmt.Sprintf(listing, total, "TaskList", list) }
	connections := func(total, list string) string { return fmt.Sprintf(listing, total, "ConnectResourceList", list) }
	tests := map[string]struct {
		action source.Action
		body   string
		want   *source.Listing
		err    string
	}{
		"a task": {
			action: source.Tasks, body: tasks(`1`, `{"TaskId":"task-1","TaskName":"orders","Status":9}`),
			want: &source.Listing{Items: []source.Item{{ID: "task-1", Name: "orders", Status: 9}}, Reported: 1, Complete: true},
		},
		"a connection": {
			action: source.Connections, body: connections(`1`, `{"ResourceId":"resource-1","ResourceName":"mysql","Status":-1}`),
			want: &source.Listing{Items: []source.Item{{ID: "resource-1", Name: "mysql", Status: -1}}, Reported: 1, Complete: true},
		},
		// -100 is documented, and is not one of the API's codes.
		"a task of which nothing but the ID is known": {
			action: source.Tasks, body: tasks(`1`, `{"TaskId":"task-1","TaskName":null,"Status":null}`),
			want: &source.Listing{Items: []source.Item{{ID: "task-1", Status: -100}}, Reported: 1, Complete: true},
		},
		"a connection of which nothing but the ID is known": {
			action: source.Connections, body: connections(`1`, `{"ResourceId":"resource-1"}`),
			want: &source.Listing{Items: []source.Item{{ID: "resource-1", Status: -100}}, Reported: 1, Complete: true},
		},
		"elements that are null or have no ID": {
			action: source.Tasks, body: tasks(`3`, `null,{"TaskId":"task-1","Status":1},{"TaskId":"","TaskName":"nobody"}`),
			want: &source.Listing{Items: []source.Item{{ID: "task-1", Status: 1}}, Reported: 3, Skipped: 2},
		},
		"no Result of tasks":       {action: source.Tasks, body: `{"Response":{"RequestId":"r"}}`, err: "decode: answer has no Result"},
		"no Result of connections": {action: source.Connections, body: `{"Response":{"RequestId":"r"}}`, err: "decode: answer has no Result"},
		"no Response about tasks":  {action: source.Tasks, body: `{}`, err: "decode: answer has no Result"},
		"no Response about connections": {
			action: source.Connections, body: `{}`, err: "decode: answer has no Result",
		},
		"JSON of another kind, never quoted": {
			action: source.Tasks, body: `{"Response":"hush"}`, err: "decode: answer is not the JSON that the API documents",
		},
		"an error of the API's about tasks": {
			action: source.Tasks, body: `{"Response":{"RequestId":"r","Error":{"Code":"InvalidParameter","Message":"out of\norder"}}}`,
			err: "parameter: InvalidParameter: out of order",
		},
		"an error of the API's about connections": {
			action: source.Connections, body: `{"Response":{"RequestId":"r","Error":{"Code":"OperationDenied","Message":"no"}}}`,
			err: "permission: OperationDenied: no",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api, first := answering(t, test.body)
				have := openAction(t, test.action, api.transport(), "api", source.Options{Timeout: time.Minute}).Snapshot(t.Context())
				if diff := cmp.Diff(asked{string(test.action), region, map[string]int{"Offset": 0, "Limit": 100}}, *first); diff != "" {
					t.Errorf("asked (-want +have):\n%s", diff)
				}
				err := ""
				if have.Err != nil {
					err = have.Err.Error()
				}
				if err != test.err {
					t.Errorf("error: want %q, have %q", test.err, err)
				}
				if diff := cmp.Diff(test.want, have.Listing, cmpopts.IgnoreUnexported(source.Listing{})); diff != "" {
					t.Errorf("listing (-want +have):\n%s", diff)
				}
			})
		})
	}
}
