package recording

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// enumerations are the fields whose texts are the API's own, and the form of these
// texts. A text of another form is replaced, too.
var enumerations = map[string]*regexp.Regexp{
	"Type": kindForm, "TaskType": kindForm,
	"TaskCurrentStep": stepForm, "CurrentStep": stepForm, "StepList": stepForm,
	"Code": regexp.MustCompile(`^[A-Z][A-Za-z]{0,31}(\.[A-Z][A-Za-z]{0,31})?$`),
}

var (
	kindForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,15}(_[A-Z0-9]{1,15}){0,2}$`) // MYSQL, TDSQL_C_MYSQL
	stepForm = regexp.MustCompile(`^[A-Z][A-Za-z]{0,31}$`)                       // CheckResource, FINISH
	nameForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,47}$`)                    // of the API's fields
	// offsetForm is the form of the fields of consumer groups, which the API's documents
	// also write with a lower-case letter at the start.
	offsetForm = regexp.MustCompile(`^(totalCount|topicList|topic|partitions|partition|offset|logEndOffset|lag|errorCode|metadata)$`)
)

// numbers are the fields whose numbers are kept. Others may be a port, a user's
// number or a password.
var numbers = []string{
	"TotalCount", "Status", "TaskProgress", "DatahubTaskCount", "TaskMax", "SyncThrottleLimit",
	"Partition", "Offset", "LogEndOffset", "Lag", "ErrorCode",
	"totalCount", "partition", "offset", "logEndOffset", "lag", "errorCode",
}

// ends are the fields of an XxxParam object that are kept, as stand-ins: they show
// which task belongs to which connection. The other fields are addresses, users and
// passwords.
var ends = []string{"Resource", "ResourceName", "Topic"}

// groupPrefix begins the usual name of the consumer group of a task, before the task's
// ID.
const groupPrefix = "datahub-"

// errNotJSON says nothing about the response, which may be anything.
var errNotJSON = errors.New("the answer is not JSON, so its texts cannot be replaced; it is left out")

// anonymize returns an API response in a form that others may read. The fields are in
// the order of their names.
func (s standIns) anonymize(body []byte) ([]byte, error) {
	var document any
	if err := json.Unmarshal(body, &document, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, errNotJSON
	}
	text, err := json.Marshal(s.value(location{}, document), json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, errNotJSON
	}
	return text, nil
}

// A location is where a value is in the response.
type location struct {
	field string // the nearest name above it
	ends  bool   // inside an XxxParam object
}

// value returns what stands for a value.
func (s standIns) value(at location, value any) any {
	switch value := value.(type) {
	case map[string]any:
		return s.object(at, value)
	case []any:
		for i := range value {
			value[i] = s.value(at, value[i])
		}
		return value
	case string:
		if form := enumerations[at.field]; !at.ends && form != nil && form.MatchString(value) {
			return value
		}
		if id, usual := strings.CutPrefix(value, groupPrefix); usual && at.field == "GroupId" {
			return groupPrefix + s.get(id)
		}
		return s.get(value)
	case float64:
		if at.ends || !slices.Contains(numbers, at.field) {
			return 0
		}
		return value
	default: // true, false or null
		return value
	}
}

func (s standIns) object(at location, fields map[string]any) map[string]any {
	shown := map[string]any{}
	for name, value := range fields {
		inside := location{field: name, ends: at.ends || strings.HasSuffix(name, "Param")}
		if at.ends && !slices.Contains(ends, name) {
			value = nil
		}
		if !nameForm.MatchString(name) && !offsetForm.MatchString(name) {
			name = s.get(name)
		}
		shown[name] = s.value(inside, value)
	}
	return shown
}
