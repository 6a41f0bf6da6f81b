package source

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// task is what is decoded of an element of TaskList.
type task struct {
	TaskID          string `json:"TaskId"`
	TaskName        string
	Status          *int64
	TaskType        text
	ErrorMessage    text
	WarnMessage     text
	Description     text
	CreateTime      text
	TaskCurrentStep text
	TaskProgress    amount
	SourceResource  end
	TargetResource  end
	DatahubID       text `json:"DatahubId"`
}

func (t *task) item() Item {
	return Item{ID: t.TaskID, Name: t.TaskName, Status: number(t.Status, StatusUnknown), Details: Details{
		Type:        string(t.TaskType),
		Message:     shortened(string(t.ErrorMessage)),
		Warning:     shortened(string(t.WarnMessage)),
		Description: shortened(string(t.Description)),
		Created:     string(t.CreateTime),
		Step:        string(t.TaskCurrentStep),
		Progress:    t.TaskProgress.or(0),
		Source:      t.SourceResource.copied(),
		Target:      t.TargetResource.copied(),
		DatahubID:   string(t.DatahubID),
	}}
}

// connection is what is decoded of an element of ConnectResourceList.
type connection struct {
	ResourceID       string `json:"ResourceId"`
	ResourceName     string
	Status           *int64
	Type             text
	ErrorMessage     text
	Description      text
	CreateTime       text
	CurrentStep      text
	TaskProgress     amount
	DatahubTaskCount amount

	ClickHouseConnectParam *param
	CtsdbConnectParam      *param
	DorisConnectParam      *param
	DtsConnectParam        *param
	EsConnectParam         *param
	KafkaConnectParam      *param
	MariaDBConnectParam    *param
	MongoDBConnectParam    *param
	MqttConnectParam       *param
	MySQLConnectParam      *param
	PostgreSQLConnectParam *param
	SQLServerConnectParam  *param
}

func (c *connection) item() Item {
	leads := first(
		c.ClickHouseConnectParam, c.CtsdbConnectParam, c.DorisConnectParam, c.DtsConnectParam, c.EsConnectParam,
		c.KafkaConnectParam, c.MariaDBConnectParam, c.MongoDBConnectParam, c.MqttConnectParam, c.MySQLConnectParam,
		c.PostgreSQLConnectParam, c.SQLServerConnectParam,
	)
	return Item{ID: c.ResourceID, Name: c.ResourceName, Status: number(c.Status, StatusUnknown), Details: Details{
		Type:        string(c.Type),
		Message:     shortened(string(c.ErrorMessage)),
		Description: shortened(string(c.Description)),
		Created:     string(c.CreateTime),
		Step:        string(c.CurrentStep),
		Progress:    c.TaskProgress.or(0),
		Tasks:       c.DatahubTaskCount.value,
		Resource:    string(leads.Resource),
	}}
}

// end is one end of a task. Of its parameters all but those of its type are
// null.
type end struct {
	Type text

	ClickHouseParam *param
	CtsdbParam      *param
	DtsParam        *param
	EsParam         *param
	KafkaParam      *param
	MariaDBParam    *param
	MongoDBParam    *param
	MqttParam       *param
	MySQLParam      *param
	PostgreSQLParam *param
	SQLServerParam  *param
	TopicParam      *param
}

// param is what is decoded of the parameters of an end or of a connection. Users
// and passwords stand beside it.
type param struct {
	Resource     text
	ResourceName text
	Topic        text
}

func (e *end) copied() End {
	leads := first(
		e.ClickHouseParam, e.CtsdbParam, e.DtsParam, e.EsParam, e.KafkaParam, e.MariaDBParam,
		e.MongoDBParam, e.MqttParam, e.MySQLParam, e.PostgreSQLParam, e.SQLServerParam, e.TopicParam,
	)
	return End{
		Type:         string(e.Type),
		Resource:     string(leads.Resource),
		ResourceName: string(leads.ResourceName),
		Topic:        string(leads.Topic),
	}
}

// first returns the parameters that are there and name a resource.
func first(params ...*param) param {
	for _, param := range params {
		if param != nil && param.Resource != "" {
			return *param
		}
	}
	return param{}
}

// The types of the fields below are only shown, so that a value of another
// type than documented is skipped: it must not cost a listing.
type (
	text   string
	amount struct{ value *float64 }
)

// UnmarshalJSONFrom reads a string.
func (t *text) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	if from.PeekKind() != '"' {
		return from.SkipValue()
	}
	return json.UnmarshalDecode(from, (*string)(t))
}

// UnmarshalJSONFrom reads a number.
func (a *amount) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	value, err := from.ReadValue()
	if err != nil {
		return err
	}
	if number, err := strconv.ParseFloat(string(value), 64); err == nil && value.Kind() == '0' {
		a.value = &number
	}
	return nil
}

func (a amount) or(absent float64) float64 {
	if a.value == nil {
		return absent
	}
	return *a.value
}

// UnmarshalJSONFrom reads an object.
func (e *end) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	type plain end
	if from.PeekKind() != '{' {
		return from.SkipValue()
	}
	return json.UnmarshalDecode(from, (*plain)(e))
}

// UnmarshalJSONFrom reads an object.
func (p *param) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	type plain param
	if from.PeekKind() != '{' {
		return from.SkipValue()
	}
	return json.UnmarshalDecode(from, (*plain)(p))
}
