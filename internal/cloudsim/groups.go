package cloudsim

import (
	"bytes"
	"encoding/json"
	"slices"
)

// The calls for the progress of a task that reads from a topic.
const (
	// DescribeGroupOffsets returns the offsets of a consumer group of an instance.
	DescribeGroupOffsets = "DescribeGroupOffsets"
	// DescribeDatahubGroupOffsets returns those of a consumer group of an elastic
	// topic.
	DescribeDatahubGroupOffsets = "DescribeDatahubGroupOffsets"
	// DescribeDatahubTask describes one task.
	DescribeDatahubTask = "DescribeDatahubTask"
)

// Group is the consumer group of a task that reads from a topic.
type Group struct {
	// Name is that of the group, by default "datahub-" and the ID of the task. Only a
	// name that is set is part of the description of the task.
	Name string
	// Instance is the ID of the CKafka instance; "" is an elastic topic.
	Instance string
	// Topics are the topics in which the group has offsets.
	Topics []Topic
	// LowerCase sends the names of the fields with a lower-case letter at the start.
	LowerCase bool
}

// Topic is a topic and its partitions, numbered from 0.
type Topic struct {
	Name       string
	Partitions []Partition
}

// Partition is what a group has committed of a partition, -1 for nothing, and the end of
// the partition's log.
type Partition struct{ Offset, LogEnd, ErrorCode int64 }

// describes reports whether a call lists no items.
func describes(action string) bool {
	return action == DescribeGroupOffsets || action == DescribeDatahubGroupOffsets || action == DescribeDatahubTask
}

// maxTopics is the largest Limit of a call for offsets.
const maxTopics = 50

// groupQuery is the body of one of the calls.
type groupQuery struct {
	InstanceID    string `json:"InstanceId"`
	Name          string
	Group         string
	Topics        []string
	Offset, Limit int
	TaskID        string `json:"TaskId"`
}

// readGroupQuery reads the body of a call, and the page that it asks for.
func readGroupQuery(body []byte) (query groupQuery, refused *refusal) {
	query.Limit = defaultLimit
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&query); err != nil {
		return query, refuse("InvalidParameter", "The request body is not valid: %v.", err)
	}
	if query.Limit > maxTopics {
		return query, refuse("InvalidParameterValue", "The value `%d` of parameter `Limit` must be from 0 to %d.", query.Limit, maxTopics)
	}
	return query, nil
}

// describe answers the calls that list no items. It must be called with the lock held.
func (s *Server) describe(q *request) *refusal {
	if q.pageRefusal != nil {
		return q.pageRefusal
	}
	query := q.query
	tasks, _ := s.options.Fleet.Items(DescribeDatahubTasks, q.call.Region, q.call.Time)
	if q.call.Action == DescribeDatahubTask {
		return q.describeTask(tasks, query)
	}
	var found *Group
	for _, item := range tasks {
		group := item.Group
		if group == nil || query.Group != group.name(item) || query.InstanceID != group.Instance {
			continue
		}
		if group.Instance == "" && query.Name != topicResource(item) {
			return refuse("InvalidParameterValue", "The topic `%s` does not exist.", query.Name)
		}
		found = group
	}
	q.result = found.offsets(query)
	return nil
}

func (q *request) describeTask(tasks []Item, query groupQuery) *refusal {
	for _, item := range tasks {
		if item.ID != query.TaskID {
			continue
		}
		q.result = task(item)
		connections := []any{}
		if item.Group != nil && item.Group.Name != "" {
			connections = append(connections, map[string]any{"TopicName": "events", "TopicId": "topic-8w3kq5zr", "GroupId": item.Group.Name})
		}
		q.result["Connections"] = connections
		return nil
	}
	return refuse("ResourceNotFound", "The task `%s` does not exist.", query.TaskID)
}

func (g *Group) name(of Item) string {
	if g.Name != "" {
		return g.Name
	}
	return "datahub-" + of.ID
}

// offsets returns the Result of a call for the offsets of a group, which may not exist.
// No name of a topic means all.
func (g *Group) offsets(query groupQuery) map[string]any {
	list, total := []any{}, 0
	if g == nil {
		return map[string]any{"TotalCount": total, "TopicList": list}
	}
	for _, topic := range g.Topics {
		if len(query.Topics) > 0 && !slices.Contains(query.Topics, topic.Name) {
			continue
		}
		if total >= query.Offset && len(list) < query.Limit {
			list = append(list, topic.wire())
		}
		total++
	}
	result := map[string]any{"TotalCount": total, "TopicList": list}
	if g.LowerCase {
		return lowered(result).(map[string]any)
	}
	return result
}

func (t Topic) wire() map[string]any {
	partitions := []any{}
	for number, p := range t.Partitions {
		partitions = append(partitions, map[string]any{
			"Partition": number, "Offset": p.Offset, "LogEndOffset": p.LogEnd, "Lag": max(0, p.LogEnd-p.Offset),
			"ErrorCode": p.ErrorCode, "Metadata": "",
		})
	}
	return map[string]any{"Topic": t.Name, "Partitions": partitions}
}

// lowered returns a value whose fields' names begin with a lower-case letter.
func lowered(value any) any {
	switch value := value.(type) {
	case map[string]any:
		renamed := map[string]any{}
		for name, field := range value {
			renamed[string(name[0]|0x20)+name[1:]] = lowered(field)
		}
		return renamed
	case []any:
		for i := range value {
			value[i] = lowered(value[i])
		}
	}
	return value
}
