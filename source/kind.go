package source

import "strings"

// Kind is everything in which tasks and connections differ, from the API to a
// series. Dashboards and alert rules depend on its paths, names and labels.
type Kind struct {
	// Action is the call that lists the kind's items.
	Action Action
	// Name is what one item is: "task" or "connection".
	Name string
	// Noun names the items for people, as a plural.
	Noun string
	// Path is the documented path of the kind's series.
	Path string
	// Prefix begins the names of the kind's series, as in Prefix + "_status".
	Prefix string
	// IDLabel and NameLabel are the labels that identify an item, named as the API's
	// fields.
	IDLabel, NameLabel string
	// Info returns the labels that say what an item is: the API's names and values.
	Info func(*Details) []Label

	states map[float64]State // by status code
}

// Label is a name and a value that the API sent.
type Label struct{ Name, Value string }

// TaskKind is the kind of connector tasks.
func TaskKind() Kind {
	return Kind{
		Action:    Tasks,
		Name:      "task",
		Noun:      "connector tasks",
		Path:      "/api/v1/ckafka/datahub_tasks/metrics",
		Prefix:    "datahub_task",
		IDLabel:   "TaskId",
		NameLabel: "TaskName",
		Info: func(task *Details) []Label {
			return []Label{
				{"DatahubId", task.DatahubID},
				{"SourceResource", task.Source.path()},
				{"SourceType", task.Source.Type},
				{"TargetResource", task.Target.path()},
				{"TargetType", task.Target.Type},
				{"TaskType", task.Type},
			}
		},
		states: taskStates,
	}
}

// ConnectionKind is the kind of connections.
func ConnectionKind() Kind {
	return Kind{
		Action:    Connections,
		Name:      "connection",
		Noun:      "connections",
		Path:      "/api/v1/ckafka/connect_resources/metrics",
		Prefix:    "connect_resource",
		IDLabel:   "ResourceId",
		NameLabel: "ResourceName",
		Info:      func(connection *Details) []Label { return []Label{{"Type", connection.Type}} },
		states:    connectionStates,
	}
}

// Kinds returns both kinds, tasks first.
func Kinds() []Kind { return []Kind{TaskKind(), ConnectionKind()} }

// KindOf returns the kind whose items an action lists.
func KindOf(action Action) Kind {
	if action == Connections {
		return ConnectionKind()
	}
	return TaskKind()
}

// connectionPrefix begins the IDs of connections. An end that uses none names another
// resource.
const connectionPrefix = "resource-"

// path returns what an end leads to: the ID of a connection as it is, so that the
// series of the connection can be joined on it; a CKafka instance with its topic; or,
// for any other end, the resource that the API names.
func (e End) path() string {
	if strings.HasPrefix(e.Resource, "ckafka-") && e.Topic != "" {
		return e.Resource + "/" + e.Topic
	}
	return e.Resource
}
