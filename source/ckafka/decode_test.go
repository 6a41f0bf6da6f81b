package ckafka

import (
	"fmt"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/secret"
	"datahub_exporter/source"
)

// realPage returns the body of a page of 100 items of an action, like one of the
// API: with the credentials of databases in it.
func realPage(t testing.TB, action source.Action) []byte {
	t.Helper()
	items := make([]cloudsim.Item, 100)
	for i := range items {
		items[i] = cloudsim.Item{
			ID: fmt.Sprintf("item-%08d", i), Name: fmt.Sprintf("订单 orders-%d", i), Status: int64(i % 10), ErrorMessage: "运行中",
			Type: []string{"MONGODB", "ES", "MYSQL"}[i%3], Source: "MONGODB", Target: "CLICKHOUSE", Resource: "resource-12345678",
		}
	}
	fleet := cloudsim.NewInventory("ap-guangzhou")
	fleet.Set(string(action), "ap-guangzhou", items...)
	server := httptest.NewServer(cloudsim.New(cloudsim.Options{SecretID: "id", SecretKey: "key", Fleet: fleet}))
	t.Cleanup(server.Close)
	transport := NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	account := Account{
		Credential: credential.Static("id", "key", ""),
		Endpoint:   endpoint.Endpoint{Scheme: "http", Host: server.Listener.Addr().String()},
	}
	var body []byte
	api := New(transport, Options{OnResponse: func(_ source.Target, _ int64, answer []byte) { body = answer }})
	t.Cleanup(api.Close)
	client := api.newClient(account, "ap-guangzhou", api.newRenewer(account))
	if _, err := client.page(t.Context(), source.Target{Action: action}, 0); err != nil {
		t.Fatal(err)
	}
	return body
}

// credentialField matches the names of the API's fields that hold a credential.
var credentialField = regexp.MustCompile(`(?i)pass|user|secret|token|access`)

// No type that is decoded into has a field for a credential.
func TestNoFieldForACredential(t *testing.T) {
	var walk func(reflect.Type, string)
	walk = func(of reflect.Type, path string) {
		switch of.Kind() { //nolint:exhaustive // the default is every other kind
		case reflect.Pointer, reflect.Slice:
			walk(of.Elem(), path)
		case reflect.Struct:
			for field := range of.Fields() {
				if credentialField.MatchString(field.Name) || credentialField.MatchString(field.Tag.Get("json")) {
					t.Errorf("%s.%s could hold a credential", path, field.Name)
				}
				walk(field.Type, path+"."+field.Name)
			}
		case reflect.Map: // of parameters, whatever their names
			walk(of.Elem(), path+"[]")
		case reflect.Interface, reflect.Array:
			t.Errorf("%s can hold anything", path)
		default: // a text, a number or a boolean
		}
	}
	walk(reflect.TypeFor[envelope[listing]](), "envelope of a listing")
	walk(reflect.TypeFor[envelope[groupOffsets]](), "envelope of offsets")
	walk(reflect.TypeFor[envelope[singleTask]](), "envelope of a task")
}

// What is decoded of a page with credentials contains none of them.
func TestNoCredentialIsDecoded(t *testing.T) {
	for _, action := range []source.Action{source.Tasks, source.Connections} {
		body := realPage(t, action)
		if !strings.Contains(string(body), cloudsim.DatabasePassword) {
			t.Fatalf("%s: the page has no password to leave out", action)
		}
		page, err := decodePage(body, action, secret.Redactor{})
		if err != nil || len(page.Items) != 100 {
			t.Fatalf("%s: want 100 items, have %d, %v", action, len(page.Items), err)
		}
		for _, word := range []string{cloudsim.DatabasePassword, cloudsim.DatabaseUser} {
			if have := fmt.Sprintf("%+v", page); strings.Contains(have, word) {
				t.Errorf("%s: decoded %s:\n%s", action, word, have)
			}
		}
	}
}

func TestDecode(t *testing.T) {
	const rest = `"TaskList":[{"TaskId":"a","TaskName":"n","Status":1}]`
	tests := map[string]struct {
		body string
		want string
	}{
		"a page":                  {`{"Response":{"Result":{"TotalCount":1,` + rest + `}}}`, "{[{a n 1}] 1} <nil>"},
		"a name twice":            {`{"Response":{"Result":{"TotalCount":7,"TotalCount":1,` + rest + `}}}`, "{[{a n 1}] 1} <nil>"},
		"not UTF-8":               {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","TaskName":"` + "\xff" + `","Status":1}]}}}`, "{[{a � 1}] 1} <nil>"},
		"half a surrogate":        {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","TaskName":"\ud800","Status":1}]}}}`, "{[{a � 1}] 1} <nil>"},
		"a number beyond 64 bits": {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","Status":99999999999999999999}]}}}`, "not JSON"},
		"an exponent":             {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","Status":1e0}]}}}`, "not JSON"},
		"nested without end":      {`{"Response":{"Result":{"X":` + strings.Repeat("[", 90_000), "not JSON"},
		"nested and skipped":      {`{"Response":{"Result":{"X":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `,"TotalCount":1,` + rest + `}}}`, "{[{a n 1}] 1} <nil>"},
		"two documents":           {`{"Response":{"Result":{"TotalCount":1,` + rest + `}}}{}`, "not JSON"},
		"an error":                {`{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r"}}`, "server: InternalError: sorry"},
		"an error and a result":   {`{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"Result":{"TotalCount":0}}}`, "server: InternalError: sorry"},
		"neither":                 {`{"Response":{}}`, "decode: answer has no Result"},
		"the list of connections": {`{"Response":{"Result":{"TotalCount":0,"ConnectResourceList":[{"ResourceId":"a"}]}}}`, "{[] 0} <nil>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			page, err := decodePage([]byte(test.body), source.Tasks, secret.Redactor{})
			have := shown(page)
			if err != nil {
				have = err.Error()
			}
			want := test.want
			if want == "not JSON" {
				want = "decode: answer is not the JSON that the API documents"
			}
			if have != want {
				t.Errorf("want %s, have %s", want, have)
			}
		})
	}
}

// Whatever a body is, decoding it ends in a page or an error, and a page is no larger
// than what was asked for.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","Name":{"Password":"p"},"SourceResource":{"Type":"MYSQL","MySQLParam":{"Resource":"r"}}}]}}}`,
		`{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r"}}`,
		`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a\u00e9\ud800","TaskName":"` + "\xff" + `","Status":1}, null]}}} `,
		`{"Response":{"Result":{"X":[[{"a":"\\\""}]],"TotalCount":1e3}}}{}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page, err := decodePage([]byte(text), source.Tasks, secret.Redactor{})
		if len(page.Items) > source.PageSize || err != nil && len(page.Items) > 0 {
			t.Errorf("have %d items, %v", len(page.Items), err)
		}
	})
}

// shown returns what makes a status; TestDecodeDetails checks the rest.
func shown(page source.Page) string {
	items := make([]string, len(page.Items))
	for i, item := range page.Items {
		items[i] = fmt.Sprintf("{%s %s %v}", item.ID, item.Name, item.Status)
	}
	return fmt.Sprint("{", items, " ", page.Total, "} <nil>")
}

// Everything else that the API sends is kept, and an unexpected value in its place
// does not cost us a status.
func TestDecodeDetails(t *testing.T) {
	tests := map[string]struct {
		action source.Action
		fields string
		want   source.Details
	}{
		"a task": {
			source.Tasks, `"TaskType":"SOURCE","ErrorMessage":"运行中","WarnMessage":"slow","Description":"d","CreateTime":"2025-11-03 14:26:51",
				"TaskCurrentStep":"FINISH","TaskProgress":36,"DatahubId":"datahub-1","TaskMax":4,"SyncThrottleLimit":20,"AutoExpandFlag":true,
				"SourceResource":{"Type":"MYSQL","KafkaParam":null,"MySQLParam":{"Resource":"resource-1","UserName":"u","Password":"p"}},
				"TargetResource":{"Type":"KAFKA","KafkaParam":{"Resource":"ckafka-1","ResourceName":"events","Topic":"orders"}}`,
			source.Details{
				Type: "SOURCE", Message: "运行中", Warning: "slow", Description: "d", Created: "2025-11-03 14:26:51",
				Step: "FINISH", Progress: 36, DatahubID: "datahub-1",
				MaxTasks: source.Number{Value: 4, Known: true}, SyncThrottleLimit: source.Number{Value: 20, Known: true},
				AutoExpand: source.Number{Value: 1, Known: true},
				Source:     source.End{Type: "MYSQL", Resource: "resource-1"},
				Target:     source.End{Type: "KAFKA", Resource: "ckafka-1", ResourceName: "events", Topic: "orders"},
			},
		},
		"a connection": {
			source.Connections, `"Type":"MYSQL","ErrorMessage":"RUNNING","Description":"d","CreateTime":"2025-11-03 14:26:51","CurrentStep":"FINISH",
				"TaskProgress":100,"DatahubTaskCount":2,"Tags":[{"TagKey":"team","TagValue":"数据=a&b"},{"TagKey":"env","TagValue":null},null],"MySQLConnectParam":{"Resource":"cdb-1","Password":"p"}`,
			source.Details{
				Type: "MYSQL", Message: "RUNNING", Description: "d", Created: "2025-11-03 14:26:51", Step: "FINISH",
				Progress: 100, Tasks: source.Number{Value: 2, Known: true}, Resource: "cdb-1",
				Tags: source.NewTags(map[string]string{"team": "数据=a&b", "env": ""}),
			},
		},
		"parameters newer than this program": {
			source.Tasks, `"SourceResource":{"IcebergParam":{"Resource":"resource-2"},"Type":"ICEBERG"},"TargetResource":{"ClsParam":{"Resource":"topic-1"}}`,
			source.Details{Source: source.End{Type: "ICEBERG", Resource: "resource-2"}, Target: source.End{Resource: "topic-1"}},
		},
		"a connection newer than this program": {
			source.Connections, `"IcebergConnectParam":{"Resource":"iceberg-1","KeyTabContent":"p"}`, source.Details{Resource: "iceberg-1"},
		},
		"the parameters of the type come first": {
			source.Tasks, `"SourceResource":{"ESParam":{"Resource":"resource-1"},"Type":"MYSQL","MySQLParam":{"Resource":"resource-2"}}`,
			source.Details{Source: source.End{Type: "MYSQL", Resource: "resource-2"}},
		},
		"nulls": {
			source.Tasks, `"TaskType":null,"ErrorMessage":null,"TaskProgress":null,"SourceResource":null,"TaskMax":null,"AutoExpandFlag":null`,
			source.Details{},
		},
		"zeros that were sent": {
			source.Tasks, `"TaskMax":0,"AutoExpandFlag":false`, source.Details{MaxTasks: source.Number{Known: true}, AutoExpand: source.Number{Known: true}},
		},
		"a tag without a key, and one that comes twice": {
			source.Connections, `"Tags":[{"TagValue":"x"},{"TagKey":"","TagValue":"y"},{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]`,
			source.Details{Tags: source.NewTags(map[string]string{"a": "2"})},
		},
		"no tags":                        {source.Connections, `"Tags":[]`, source.Details{}},
		"tags that are null":             {source.Connections, `"Tags":null`, source.Details{}},
		"tags of another type":           {source.Connections, `"Tags":{"team":"a"}`, source.Details{}},
		"a tag of another type":          {source.Connections, `"Tags":["team"]`, source.Details{}},
		"fields of a tag of other types": {source.Connections, `"Tags":[{"TagKey":1,"TagValue":{}}]`, source.Details{}},
		"other types":                    {source.Tasks, `"TaskType":7,"ErrorMessage":["a"],"TaskProgress":"36","SourceResource":"MYSQL","TargetResource":[{}]`, source.Details{}},
		"a huge number, and parameters of other types": {
			source.Tasks, `"TaskProgress":1e999,"SourceResource":{"Type":{},"MySQLParam":"x","EsParam":[],"KafkaParam":{"Resource":1,"Topic":"t"}}`, source.Details{},
		},
		"a long message is cut between characters": {
			source.Tasks, `"ErrorMessage":"` + strings.Repeat("错", 1000) + `"`, source.Details{Message: strings.Repeat("错", 682)},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			lists := map[source.Action]string{source.Tasks: `"TaskList":[{"TaskId":"a",`, source.Connections: `"ConnectResourceList":[{"ResourceId":"a",`}
			page, err := decodePage([]byte(`{"Response":{"Result":{`+lists[test.action]+test.fields+`}]}}}`), test.action, secret.Redactor{})
			if err != nil {
				t.Fatal(err)
			}
			want := source.Item{ID: "a", Status: source.StatusUnknown}
			if test.want != (source.Details{}) {
				want.Details = &test.want
			}
			if diff := cmp.Diff([]source.Item{want}, page.Items); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	body := realPage(b, source.Tasks)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodePage(body, source.Tasks, secret.Redactor{}); err != nil {
			b.Fatal(err)
		}
	}
}
