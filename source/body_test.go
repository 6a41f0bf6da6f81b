package source

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	ckafka "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ckafka/v20190819"
)

// The limits on an answer must never meet a page, so the longest ones are
// measured: 100 items whose texts all have 128 characters, more than the console
// lets anyone type, with a list of three wherever there can be a list.
func TestTheLongestPagesArePages(t *testing.T) {
	filled := strings.Repeat("n", 128)
	task := new(ckafka.DatahubTaskInfo)
	fill(reflect.ValueOf(task).Elem(), filled)
	keepParam(task.SourceResource, "MySQLParam") // an end has the parameters of one type
	keepParam(task.TargetResource, "KafkaParam")
	connection := new(ckafka.DescribeConnectResource)
	fill(reflect.ValueOf(connection).Elem(), filled)
	named := new(ckafka.DatahubTaskInfo)
	named.TaskName = new(strings.Repeat("字", 128))
	named.ErrorMessage = new(strings.Repeat("字", 1000))
	named.SourceResource, named.TargetResource = new(ckafka.DatahubResource), new(ckafka.DatahubResource)

	for name, page := range map[string]any{
		"tasks":                      repeated(task),
		"connections":                repeated(connection),
		"tasks with long names only": repeated(named),
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(page)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes, %d values", len(body), countValues(body))
			if err := refuseBody(body); err != nil {
				t.Errorf("a page with %d bytes and %d values is refused: %v", len(body), countValues(body), err)
			}
		})
	}
}

func repeated[T any](item T) []T {
	items := make([]T, pageSize)
	for i := range items {
		items[i] = item
	}
	return items
}

// fill fills in everything below a value.
func fill(value reflect.Value, filled string) {
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem(), filled)
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i), filled)
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 3, 3))
		for i := range value.Len() {
			fill(value.Index(i), filled)
		}
	case reflect.String:
		value.SetString(filled)
	case reflect.Int64:
		value.SetInt(-1 << 63)
	default: // bool, as long as it can be
	}
}

// keepParam empties all parameters of an end but one.
func keepParam(end *ckafka.DatahubResource, kept string) {
	value := reflect.ValueOf(end).Elem()
	for i := range value.NumField() {
		if name := value.Type().Field(i).Name; strings.HasSuffix(name, "Param") && name != kept {
			value.Field(i).SetZero()
		}
	}
}

func TestCountValues(t *testing.T) {
	for text, want := range map[string]int{
		``:                        1,
		`7`:                       1,
		`[1,2,3]`:                 4,
		`{"a":{"b":[1,2]},"c":0}`: 6,
		`["{,[","\",","\\",1]`:    5,
		`["\\\\",[`:               4,
		`"unclosed,,,`:            1,
		`"at the end \`:           1,
	} {
		if have := countValues([]byte(text)); have != want {
			t.Errorf("%s: want %d, have %d", text, want, have)
		}
	}
}
