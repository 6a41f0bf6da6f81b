package source

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
)

// realPage returns the body of a page of 100 items of an action, like one of the
// API: with the credentials of databases in it.
func realPage(t testing.TB, action Action) []byte {
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
	options := Options{OnAnswer: func(_ Target, _ int64, kept []byte) { body = kept }}.withDefaults()
	client := newClient(account, "ap-guangzhou", newRenewer(account, transport, options), transport, options)
	if _, err := client.page(t.Context(), action, 0); err != nil {
		t.Fatal(err)
	}
	return body
}

// credentialField matches the names of the API's fields that hold a credential.
var credentialField = regexp.MustCompile(`(?i)pass|user|secret|token|access`)

// No type that is decoded into has a place for a credential.
func TestNoCredentialHasAPlace(t *testing.T) {
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
	walk(reflect.TypeFor[answer](), "answer")
}

// What is decoded of a page with credentials contains none of them.
func TestNoCredentialIsDecoded(t *testing.T) {
	for _, action := range []Action{Tasks, Connections} {
		body := realPage(t, action)
		if !strings.Contains(string(body), cloudsim.DatabasePassword) {
			t.Fatalf("%s: the page has no password to leave out", action)
		}
		page, err := decode(body, action, secret.Redactor{})
		if err != nil || len(page.items) != 100 {
			t.Fatalf("%s: want 100 items, have %d, %v", action, len(page.items), err)
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
		"a page":                   {`{"Response":{"Result":{"TotalCount":1,` + rest + `}}}`, "{[{a n 1}] 1} <nil>"},
		"a name twice":             {`{"Response":{"Result":{"TotalCount":7,"TotalCount":1,` + rest + `}}}`, "{[{a n 1}] 1} <nil>"},
		"not UTF-8":                {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","TaskName":"` + "\xff" + `","Status":1}]}}}`, "{[{a � 1}] 1} <nil>"},
		"half a surrogate":         {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","TaskName":"\ud800","Status":1}]}}}`, "{[{a � 1}] 1} <nil>"},
		"a number beyond 64 bits":  {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","Status":99999999999999999999}]}}}`, "not JSON"},
		"an exponent":              {`{"Response":{"Result":{"TotalCount":1,"TaskList":[{"TaskId":"a","Status":1e0}]}}}`, "not JSON"},
		"nested without end":       {`{"Response":{"Result":{"X":` + strings.Repeat("[", 90_000), "not JSON"},
		"nested and skipped":       {`{"Response":{"Result":{"X":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `,"TotalCount":1,` + rest + `}}}`, "{[{a n 1}] 1} <nil>"},
		"two documents":            {`{"Response":{"Result":{"TotalCount":1,` + rest + `}}}{}`, "not JSON"},
		"an error":                 {`{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"RequestId":"r"}}`, "server: InternalError: sorry"},
		"an error beside a result": {`{"Response":{"Error":{"Code":"InternalError","Message":"sorry"},"Result":{"TotalCount":0}}}`, "server: InternalError: sorry"},
		"neither":                  {`{"Response":{}}`, "decode: answer has no Result"},
		"the list of connections":  {`{"Response":{"Result":{"TotalCount":0,"ConnectResourceList":[{"ResourceId":"a"}]}}}`, "{[] 0} <nil>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			page, err := decode([]byte(test.body), Tasks, secret.Redactor{})
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
		page, err := decode([]byte(text), Tasks, secret.Redactor{})
		if len(page.items) > pageSize || err != nil && len(page.items) > 0 {
			t.Errorf("have %d items, %v", len(page.items), err)
		}
	})
}

// shown returns what makes a status; TestDecodeDetails checks the rest.
func shown(page page) string {
	items := make([]string, len(page.items))
	for i, item := range page.items {
		items[i] = fmt.Sprintf("{%s %s %v}", item.ID, item.Name, item.Status)
	}
	return fmt.Sprint("{", items, " ", page.total, "} <nil>")
}

// Everything else that the API sends is kept, and an unexpected value in its place
// does not cost us a status.
func TestDecodeDetails(t *testing.T) {
	two := 2.0
	tests := map[string]struct {
		action Action
		fields string
		want   Details
	}{
		"a task": {
			Tasks, `"TaskType":"SOURCE","ErrorMessage":"运行中","WarnMessage":"slow","Description":"d","CreateTime":"2025-11-03 14:26:51",
				"TaskCurrentStep":"FINISH","TaskProgress":36,"DatahubId":"datahub-1",
				"SourceResource":{"Type":"MYSQL","KafkaParam":null,"MySQLParam":{"Resource":"resource-1","UserName":"u","Password":"p"}},
				"TargetResource":{"Type":"KAFKA","KafkaParam":{"Resource":"ckafka-1","ResourceName":"events","Topic":"orders"}}`,
			Details{
				Type: "SOURCE", Message: "运行中", Warning: "slow", Description: "d", Created: "2025-11-03 14:26:51",
				Step: "FINISH", Progress: 36, DatahubID: "datahub-1",
				Source: End{Type: "MYSQL", Resource: "resource-1"},
				Target: End{Type: "KAFKA", Resource: "ckafka-1", ResourceName: "events", Topic: "orders"},
			},
		},
		"a connection": {
			Connections, `"Type":"MYSQL","ErrorMessage":"RUNNING","Description":"d","CreateTime":"2025-11-03 14:26:51","CurrentStep":"FINISH",
				"TaskProgress":100,"DatahubTaskCount":2,"MySQLConnectParam":{"Resource":"cdb-1","Password":"p"}`,
			Details{
				Type: "MYSQL", Message: "RUNNING", Description: "d", Created: "2025-11-03 14:26:51", Step: "FINISH",
				Progress: 100, Tasks: &two, Resource: "cdb-1",
			},
		},
		"nulls":       {Tasks, `"TaskType":null,"ErrorMessage":null,"TaskProgress":null,"SourceResource":null`, Details{}},
		"other types": {Tasks, `"TaskType":7,"ErrorMessage":["a"],"TaskProgress":"36","SourceResource":"MYSQL","TargetResource":[{}]`, Details{}},
		"a huge number, and parameters of other types": {
			Tasks, `"TaskProgress":1e999,"SourceResource":{"Type":{},"MySQLParam":"x","EsParam":[],"KafkaParam":{"Resource":1,"Topic":"t"}}`, Details{},
		},
		"a long message is cut between characters": {
			Tasks, `"ErrorMessage":"` + strings.Repeat("错", 1000) + `"`, Details{Message: strings.Repeat("错", 682)},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			lists := map[Action]string{Tasks: `"TaskList":[{"TaskId":"a",`, Connections: `"ConnectResourceList":[{"ResourceId":"a",`}
			page, err := decode([]byte(`{"Response":{"Result":{`+lists[test.action]+test.fields+`}]}}}`), test.action, secret.Redactor{})
			if err != nil {
				t.Fatal(err)
			}
			want := Item{ID: "a", Status: StatusUnknown}
			if test.want != (Details{}) {
				want.Details = &test.want
			}
			if diff := cmp.Diff([]Item{want}, page.items); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	body := realPage(b, Tasks)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(body, Tasks, secret.Redactor{}); err != nil {
			b.Fatal(err)
		}
	}
}
