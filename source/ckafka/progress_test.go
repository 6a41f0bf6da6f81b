package ckafka_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// lister starts a cloud with some tasks and returns the lister of these.
func lister(t *testing.T, tasks ...cloudsim.Item) (source.Lister, *cloudsim.Server) {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", tasks...)
	cloud := cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	transport, background := ckafka.NewTransport(), ckafka.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(background.CloseIdleConnections)
	api := ckafka.New(transport, ckafka.Options{Background: background})
	t.Cleanup(api.Close)
	listers := api.Listers([]ckafka.Account{{
		Name: "common", Credential: credential.Static("id", "key", ""), Regions: []string{"ap-guangzhou"},
		Endpoint: endpoint.Endpoint{Scheme: "http", Host: strings.TrimPrefix(server.URL, "http://")},
	}})
	return listers[0], cloud
}

// topic returns a topic with partitions of which 5 of 9 messages are committed.
func topic(name string, partitions int) cloudsim.Topic {
	topic := cloudsim.Topic{Name: name}
	for range partitions {
		topic.Partitions = append(topic.Partitions, cloudsim.Partition{Offset: 5, LogEnd: 9})
	}
	return topic
}

func TestOffsets(t *testing.T) {
	instance := source.Consumption{Action: source.GroupOffsets, Instance: "ckafka-a", Topics: []string{"a"}}
	elastic := source.Consumption{Action: source.TopicGroupOffsets, Instance: "1250000000-task-a"}
	partition := source.Partition{Topic: "a", Offset: 5, LogEnd: 9}
	tests := map[string]struct {
		group cloudsim.Group
		read  source.Consumption
		fault cloudsim.Fault
		want  source.OffsetsPage
		err   string
	}{
		"of an instance": {
			group: cloudsim.Group{Instance: "ckafka-a", Topics: []cloudsim.Topic{topic("a", 1), topic("b", 1)}}, read: instance,
			want: source.OffsetsPage{Partitions: []source.Partition{partition}, Topics: 1, Total: 1},
		},
		"of an elastic topic": {
			group: cloudsim.Group{Topics: []cloudsim.Topic{topic("a", 1)}}, read: elastic,
			want: source.OffsetsPage{Partitions: []source.Partition{partition}, Topics: 1, Total: 1},
		},
		"in lower case": {
			group: cloudsim.Group{LowerCase: true, Topics: []cloudsim.Topic{topic("a", 1)}}, read: elastic,
			want: source.OffsetsPage{Partitions: []source.Partition{partition}, Topics: 1, Total: 1},
		},
		"nothing committed, and an error of a partition": {
			group: cloudsim.Group{Topics: []cloudsim.Topic{{Name: "a", Partitions: []cloudsim.Partition{{Offset: -1, LogEnd: 7}, {Offset: 5, LogEnd: 9, ErrorCode: 3}}}}}, read: elastic,
			want: source.OffsetsPage{Topics: 1, Total: 1, Partitions: []source.Partition{
				{Topic: "a", Offset: -1, LogEnd: 7}, {Topic: "a", Number: 1, Offset: 5, LogEnd: 9, Failed: true},
			}},
		},
		"no such group": {read: source.Consumption{Action: source.GroupOffsets, Instance: "ckafka-b"}},
		"null lists": {
			read: instance, fault: cloudsim.RawBody("application/json", `{"Response":{"Result":{"TotalCount":null,"TopicList":null}}}`),
		},
		"null partitions": {
			read: instance, fault: cloudsim.RawBody("application/json", `{"Response":{"Result":{"TotalCount":1,"TopicList":[{"Topic":null,"Partitions":null},null]}}}`),
			want: source.OffsetsPage{Topics: 2, Total: 1},
		},
		"null offsets": {
			read: instance, fault: cloudsim.RawBody("application/json", `{"Response":{"Result":{"TopicList":[{"Topic":"a","Partitions":[null,{"Partition":1,"Offset":null,"LogEndOffset":9,"ErrorCode":null}]}]}}}`),
			want: source.OffsetsPage{Topics: 1, Partitions: []source.Partition{{Topic: "a", Failed: true}, {Topic: "a", Number: 1, LogEnd: 9, Failed: true}}},
		},
		"no Result":  {read: instance, fault: cloudsim.RawBody("application/json", `{"Response":{"Result":null}}`), err: "decode: answer has no Result"},
		"not a list": {read: instance, fault: cloudsim.RawBody("application/json", `{"Response":{"Result":{"TopicList":{}}}}`), err: "decode: answer is not the JSON that the API documents"},
		"denied":     {read: instance, fault: cloudsim.Error("UnauthorizedOperation", "no policy"), err: "permission: UnauthorizedOperation: no policy"},
		"throttled":  {read: instance, fault: cloudsim.Error("RequestLimitExceeded", "slow down"), err: "throttled: RequestLimitExceeded: slow down"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			lister, cloud := lister(t, cloudsim.Item{ID: "task-a", Status: 1, Type: "SINK", Source: "TOPIC", Group: &test.group})
			cloud.Always("", "", test.fault)
			have, err := lister.Offsets(t.Context(), source.OffsetsQuery{Consumption: test.read, Group: "datahub-task-a"})
			if err != nil || test.err != "" {
				if fmt.Sprint(err) != test.err {
					t.Errorf("error: want %q, have %v", test.err, err)
				}
				return
			}
			if diff := cmp.Diff(test.want, have); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

// These codes may mean that there is no such group. They are not retried.
func TestCodesOfMissingGroups(t *testing.T) {
	for code, want := range map[string]bool{
		"ResourceNotFound": true, "ResourceNotFound.Group": true, "InvalidParameter": true, "InvalidParameterValue": true, "InvalidParameterValue.NotFound": true,
		"UnsupportedRegion": false, "InvalidAction": false, "UnauthorizedOperation": false, "InternalError": false, "RequestLimitExceeded": false, "FailedOperation": false,
	} {
		lister, cloud := lister(t)
		cloud.Always("", "", cloudsim.Error(code, "?"))
		_, err := lister.Offsets(t.Context(), source.OffsetsQuery{Consumption: source.Consumption{Action: source.GroupOffsets}})
		if failure, ok := err.(*source.Error); !ok || failure.NotFound != want || want && failure.Class != source.Parameter { //nolint:errorlint // it is documented
			t.Errorf("%s: want %t, have %#v", code, want, err)
		}
	}
}

func TestGroup(t *testing.T) {
	lister, cloud := lister(t, cloudsim.Item{ID: "task-a", Group: &cloudsim.Group{Name: "own"}}, cloudsim.Item{ID: "task-b", Group: &cloudsim.Group{}})
	for id, want := range map[string]string{"task-a": "own", "task-b": ""} {
		if have, err := lister.Group(t.Context(), id); have != want || err != nil {
			t.Errorf("%s: want %q, have %q, %v", id, want, have, err)
		}
	}
	cloud.Always("", "", cloudsim.RawBody("application/json", `{"Response":{"Result":{"Connections":[null,{"GroupId":null},{"GroupId":7},{"GroupId":"own"}]}}}`))
	if have, err := lister.Group(t.Context(), "task-a"); have != "own" || err != nil {
		t.Errorf("after nulls: want own, have %q, %v", have, err)
	}
}

// What a task reads is decoded of all forms in which the API names topics.
func TestTopicsOfASource(t *testing.T) {
	for params, want := range map[string]source.End{
		`{"Resource":"ckafka-a","Topic":"a"}`:                                       {Topic: "a"},
		`{"Resource":"ckafka-a","Topic":"","TopicList":["a","b"]}`:                  {Topics: "a,b"},
		`{"Resource":"ckafka-a","TopicList":[{"Topic":"a"}]}`:                       {},
		`{"Resource":"ckafka-a","TopicList":null,"TopicRegularExpression":"a.*"}`:   {Pattern: true},
		`{"Resource":"ckafka-a","Topic":"a","Prefix":"a","TopicList":"a"}`:          {Topic: "a", Pattern: true},
		`{"Resource":"ckafka-a","TopicRegularExpression":"","Prefix":"","Topic":7}`: {},
	} {
		lister, cloud := lister(t)
		cloud.Always("", "", cloudsim.RawBody("application/json", `{"Response":{"Result":{"TotalCount":1,"TaskList":[
			{"TaskId":"t","Status":1,"SourceResource":{"Type":"KAFKA","KafkaParam":`+params+`}}]}}}`))
		page, err := lister.List(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		want.Type, want.Resource = "KAFKA", "ckafka-a"
		if diff := cmp.Diff(want, page.Items[0].Details.Source); diff != "" {
			t.Errorf("%s (-want +have)\n%s", params, diff)
		}
	}
}

// Calls for the progress use connections of their own, and what they do to these costs
// the listings nothing.
func TestProgressHasConnectionsOfItsOwn(t *testing.T) {
	lister, cloud := lister(t, cloudsim.Item{ID: "task-a", Status: 1})
	list := func() string {
		if _, err := lister.List(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		calls := cloud.Calls(cloudsim.DescribeDatahubTasks, "")
		return calls[len(calls)-1].Connection
	}
	before := list()
	cloud.Always(cloudsim.DescribeGroupOffsets, "", cloudsim.Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := lister.Offsets(ctx, source.OffsetsQuery{Consumption: source.Consumption{Action: source.GroupOffsets}}); err == nil {
		t.Error("want an error")
	}
	if have := list(); have != before {
		t.Errorf("listing: want the connection %s, have %s", before, have)
	}
}
