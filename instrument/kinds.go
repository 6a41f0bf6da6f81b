package instrument

import "datahub_exporter/source"

// Kind is all in which tasks and connections differ on their way from the API
// to a series.
type Kind struct {
	// Action is the call that lists the kind's items.
	Action source.Action
	// Noun names the items for people, in the plural.
	Noun string
	// Pushed names the items where their pushes are counted.
	Pushed string
	// Path is the documented path of the kind's series.
	Path string
	// Prefix begins the names of the kind's series, as in Prefix + "_status".
	Prefix string
	// IDLabel and NameLabel are the labels that identify an item.
	IDLabel, NameLabel string

	states map[float64]State // by status code
}

// Kinds returns the table of the two kinds. Paths, names and labels are those that
// dashboards and alert rules are written against.
func Kinds() []Kind {
	return []Kind{
		{
			Action:    source.Tasks,
			Noun:      "connector tasks",
			Pushed:    "tasks",
			Path:      "/api/v1/ckafka/datahub_tasks/metrics",
			Prefix:    "datahub_task",
			IDLabel:   "TaskId",
			NameLabel: "TaskName",
			states:    taskStates,
		},
		{
			Action:    source.Connections,
			Noun:      "connections",
			Pushed:    "connections",
			Path:      "/api/v1/ckafka/connect_resources/metrics",
			Prefix:    "connect_resource",
			IDLabel:   "ResourceId",
			NameLabel: "ResourceName",
			states:    connectionStates,
		},
	}
}
