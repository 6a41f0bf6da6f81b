package cloudsim_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

func TestPaging(t *testing.T) {
	cases := []struct {
		body        string
		first, have int
		code        string
	}{
		{`{}`, 0, 20, ""},
		{`null`, 0, 20, ""},
		{`{"Offset":null,"Limit":null}`, 0, 20, ""},
		{`{"Limit":100}`, 0, 100, ""},
		{`{"Offset":100,"Limit":100}`, 100, 50, ""},
		{`{"Offset":149}`, 149, 1, ""},
		{`{"Offset":150}`, 0, 0, ""},
		{`{"Offset":9223372036854775807,"Limit":100}`, 0, 0, ""},
		{`{"Limit":0}`, 0, 0, ""},
		{`{"Limit":101}`, 0, 0, "InvalidParameterValue"},
		{`{"Limit":-1}`, 0, 0, "InvalidParameterValue"},
		{`{"Offset":-1}`, 0, 0, "InvalidParameterValue"},
		{`{"Limit":"20"}`, 0, 0, "InvalidParameter"},
		{`{"Limit":1.5}`, 0, 0, "InvalidParameter"},
		{`{"limit":20}`, 0, 0, "UnknownParameter"},
		{`{"SearchWord":"orders"}`, 0, 0, "UnknownParameter"},
		{`[]`, 0, 0, "InvalidParameter"},
		{``, 0, 0, "InvalidParameter"},
	}
	cloud := newCloud(t, nil)
	cloud.fill(guangzhou, 150)
	for _, c := range cases {
		t.Run(c.body, func(t *testing.T) {
			reply := cloud.call(t, tasks, guangzhou, c.body)
			if reply.code() != c.code {
				t.Fatalf("want code %q, have %q", c.code, reply.code())
			}
			if total := reply.Response.Result.TotalCount; c.code == "" && total != 150.0 {
				t.Errorf("want a TotalCount of 150, have %v", total)
			}
			want := []string{}
			for i := range c.have {
				want = append(want, fmt.Sprintf("task-%d", c.first+i))
			}
			if diff := cmp.Diff(want, reply.ids()); diff != "" {
				t.Errorf("items (-want +have):\n%s", diff)
			}
		})
	}
}

func TestCalls(t *testing.T) {
	cloud := newCloud(t, nil)
	cloud.call(t, tasks, guangzhou, `{"Offset":40,"Limit":10}`)
	cloud.call(t, connections, guangzhou, `{}`)
	cloud.call(t, tasks, "ap-atlantis", `{"Limit":7}`)
	have := cloud.Calls("", "")
	connection := have[0].Connection
	now := cloud.clock.Now()
	want := []cloudsim.Call{
		{Action: tasks, Region: guangzhou, Offset: 40, Limit: 10, Time: now, Connection: connection},
		{Action: connections, Region: guangzhou, Limit: 20, Time: now, Connection: connection},
		{Action: tasks, Region: "ap-atlantis", Limit: 7, Time: now, Code: "UnsupportedRegion", Connection: connection},
	}
	if diff := cmp.Diff(want, have); diff != "" || connection == "" {
		t.Errorf("calls over one connection %q (-want +have):\n%s", connection, diff)
	}
	if diff := cmp.Diff(want[:1], cloud.Calls(tasks, guangzhou)); diff != "" {
		t.Errorf("calls of one action and region (-want +have):\n%s", diff)
	}
	if diff := cmp.Diff(want[:2], cloud.Calls("", guangzhou)); diff != "" {
		t.Errorf("calls of one region (-want +have):\n%s", diff)
	}
}
