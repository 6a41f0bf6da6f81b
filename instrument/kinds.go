package instrument

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"datahub_exporter/internal/logging"
	"datahub_exporter/source"
)

// Kind is everything in which tasks and connections differ on their way from the
// API to a series.
type Kind struct {
	// Action is the call that lists the kind's items.
	Action source.Action
	// Noun names the items for people, as a plural.
	Noun string
	// Pushed names the items in the counters of pushes.
	Pushed string
	// Path is the documented path of the kind's series.
	Path string
	// Prefix begins the names of the kind's series, as in Prefix + "_status".
	Prefix string
	// IDLabel and NameLabel are the labels that identify an item.
	IDLabel, NameLabel string

	states map[float64]State // by status code
	// describe appends the labels of an item's info series to the given ones.
	describe func([]attribute.KeyValue, *source.Details) []attribute.KeyValue
	// more are the families that only this kind has.
	more []gauge
}

// Kinds returns the table of the two kinds. Dashboards and alert rules depend on
// its paths, names and labels.
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
			describe:  describeTask,
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
			describe:  describeConnection,
			more: []gauge{{
				"_tasks",
				"Number of connector tasks that use each of the connections; absent where the API did not say.",
				ofItems(observeTasks),
			}},
		},
	}
}

func describeTask(labels []attribute.KeyValue, task *source.Details) []attribute.KeyValue {
	return append(labels,
		described("DatahubId", task.DatahubID),
		described("SourceResource", resource(task.Source)),
		described("SourceType", task.Source.Type),
		described("TargetResource", resource(task.Target)),
		described("TargetType", task.Target.Type),
		described("TaskType", task.Type),
	)
}

func describeConnection(labels []attribute.KeyValue, connection *source.Details) []attribute.KeyValue {
	return append(labels, described("Type", connection.Type))
}

// described returns a label of one clean line, because nothing bounds what the API
// sends.
func described(label, value string) attribute.KeyValue {
	return attribute.String(label, logging.Clean(value))
}

// resource returns what an end leads to: the ID of a connection as it is, so that
// the series of the connection can be joined on it; a CKafka instance with its
// topic; or, for any other end, the resource that the API names.
func resource(end source.End) string {
	if strings.HasPrefix(end.Resource, "ckafka-") && end.Topic != "" {
		return end.Resource + "/" + end.Topic
	}
	return end.Resource
}
