package ckafka

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"datahub_exporter/source"
)

// The types of this file are what is decoded of a response. Everything else in it is
// skipped, including the users and passwords of databases. Any field may be null.

// envelope is a response: a result or an error.
type envelope[T any] struct {
	Response struct {
		Result    *T
		Error     struct{ Code, Message string }
		RequestID string `json:"RequestId"`
	}
}

// listing is the result of a list call, which has only the list that the action names.
type listing struct {
	TotalCount  *int64
	Tasks       list[task]       `json:"TaskList"`
	Connections list[connection] `json:"ConnectResourceList"`
}

// task is an element of TaskList.
type task struct {
	ID          string `json:"TaskId"`
	Name        string `json:"TaskName"`
	Status      *int64 `json:"Status"`
	Type        text   `json:"TaskType"`
	Message     text   `json:"ErrorMessage"`
	Warning     text   `json:"WarnMessage"`
	Description text   `json:"Description"`
	Created     text   `json:"CreateTime"`
	Step        text   `json:"TaskCurrentStep"`
	Progress    number `json:"TaskProgress"`
	Source      end    `json:"SourceResource"`
	Target      end    `json:"TargetResource"`
	DatahubID   text   `json:"DatahubId"`
	MaxTasks    number `json:"TaskMax"`
	Throttle    number `json:"SyncThrottleLimit"`
	AutoExpand  number `json:"AutoExpandFlag"`
}

func (t task) item() source.Item {
	return newItem(t.ID, t.Name, t.Status, source.Details{
		Type: string(t.Type), Message: t.Message.cut(), Warning: t.Warning.cut(), Description: t.Description.cut(),
		Created: string(t.Created), Step: string(t.Step), Progress: t.Progress.Value, DatahubID: string(t.DatahubID),
		Source: t.Source.end(), Target: t.Target.end(),
		MaxTasks: source.Number(t.MaxTasks), SyncThrottleLimit: source.Number(t.Throttle), AutoExpand: source.Number(t.AutoExpand),
	})
}

// connection is an element of ConnectResourceList.
type connection struct {
	ID          string        `json:"ResourceId"`
	Name        string        `json:"ResourceName"`
	Status      *int64        `json:"Status"`
	Type        text          `json:"Type"`
	Message     text          `json:"ErrorMessage"`
	Description text          `json:"Description"`
	Created     text          `json:"CreateTime"`
	Step        text          `json:"CurrentStep"`
	Progress    number        `json:"TaskProgress"`
	Tasks       number        `json:"DatahubTaskCount"`
	Tags        elements[tag] `json:"Tags"`
	Params      params        `json:",embed"`
}

func (c connection) item() source.Item {
	return newItem(c.ID, c.Name, c.Status, source.Details{
		Type: string(c.Type), Message: c.Message.cut(), Description: c.Description.cut(), Created: string(c.Created),
		Step: string(c.Step), Progress: c.Progress.Value, Tasks: source.Number(c.Tasks),
		Resource: string(c.Params.forType(string(c.Type)).Resource), Tags: newTags(c.Tags),
	})
}

// tag is an element of Tags.
type tag struct{ TagKey, TagValue text }

func newTags(sent elements[tag]) source.Tags {
	values := map[string]string{}
	for _, tag := range sent {
		if tag.TagKey != "" {
			values[string(tag.TagKey)] = string(tag.TagValue)
		}
	}
	return source.NewTags(values)
}

// newItem returns an item, whose details are nil if the API sent none.
func newItem(id, name string, status *int64, details source.Details) source.Item {
	item := source.Item{ID: id, Name: name, Status: source.StatusUnknown}
	if status != nil {
		item.Status = float64(*status)
	}
	if details != (source.Details{}) {
		item.Details = &details
	}
	return item
}

// end is where a task reads from or writes to.
type end struct {
	Type   text
	Params params
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. Left to the library, the map of
// an end's parameters, nearly all of them null, takes longer than the rest of a page.
func (e *end) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*e = end{}
	if from.PeekKind() != jsontext.KindBeginObject {
		return from.SkipValue()
	}
	_, err := from.ReadToken()
	var name []byte // in quotes
	for err == nil && from.PeekKind() != jsontext.KindEndObject {
		var read jsontext.Value // valid until the next one is read
		if read, err = from.ReadValue(); err == nil {
			name = append(name[:0], read...)
			err = e.member(name, from)
		}
	}
	if err == nil {
		_, err = from.ReadToken()
	}
	return err
}

// member decodes the value of a field.
func (e *end) member(name []byte, from *jsontext.Decoder) error {
	if string(name) == `"Type"` {
		return json.UnmarshalDecode(from, &e.Type)
	}
	if from.PeekKind() != jsontext.KindBeginObject {
		return from.SkipValue()
	}
	if e.Params == nil {
		e.Params = params{}
	}
	var decoded param
	err := json.UnmarshalDecode(from, &decoded)
	e.Params[strings.Trim(string(name), `"`)] = decoded
	return err
}

func (e end) end() source.End {
	param := e.Params.forType(string(e.Type))
	return source.End{
		Type: string(e.Type), Resource: string(param.Resource), ResourceName: string(param.ResourceName), Topic: string(param.Topic),
		Topics: strings.Join(param.Topics, ","), Pattern: param.Pattern != "" || param.Prefix != "",
	}
}

// params are all other fields of an end or a connection, by their names. The
// parameters among them are named after types, such as MySQLParam, and null except
// for those of its own type. None is listed here, so that new types work, too.
type params map[string]param

// param is what is decoded of parameters.
type param struct {
	Resource, ResourceName, Topic text
	Topics                        elements[string] `json:"TopicList"`
	Pattern                       text             `json:"TopicRegularExpression"`
	Prefix                        text
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. What is no object is skipped.
func (p *param) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	*p = param{}
	if from.PeekKind() != jsontext.KindBeginObject {
		return from.SkipValue()
	}
	type fields param // without this method
	return json.UnmarshalDecode(from, (*fields)(p))
}

// forType returns the parameters of a type, or else, in the order of their names, the
// first that name a resource: the API's types and parameters are not always named
// alike.
func (p params) forType(name string) param {
	var found param
	for _, field := range slices.Sorted(maps.Keys(p)) {
		base, isParam := strings.CutSuffix(field, "Param")
		candidate := p[field]
		if !isParam || candidate.Resource == "" {
			continue
		}
		if strings.EqualFold(strings.TrimSuffix(base, "Connect"), name) {
			return candidate
		}
		if found.Resource == "" {
			found = candidate
		}
	}
	return found
}
