package ckafka

import (
	"context"

	"github.com/go-json-experiment/json"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"

	"datahub_exporter/source"
)

// topicsPerPage is the largest Limit of the calls for offsets.
const topicsPerPage = 50

// offsetsRequest is the body of a call for the offsets of a consumer group.
type offsetsRequest struct {
	*tchttp.BaseRequest
	// InstanceId is for a CKafka instance, Name for an elastic topic.
	InstanceId, Name string   `json:",omitempty"` //nolint:revive // the API's name
	Topics           []string `json:",omitempty"`
	Group            string
	Offset, Limit    int
}

// offsets asks for a page of the offsets of a consumer group.
func (c *client) offsets(ctx context.Context, query source.OffsetsQuery) (page source.OffsetsPage, err error) {
	request := &offsetsRequest{
		BaseRequest: &tchttp.BaseRequest{}, Topics: query.Topics, Group: query.Group, Offset: query.Offset, Limit: topicsPerPage,
	}
	if query.Action == source.GroupOffsets {
		request.InstanceId = query.Instance
	} else {
		request.Name = query.Instance
	}
	err = c.sendInBackground(ctx, query.Action, request, func(body []byte) error {
		// The API's documents write the names of these fields in two ways.
		result, err := decode[groupOffsets](body, c.renewer.Redactor(), json.MatchCaseInsensitiveNames(true))
		if err == nil {
			page = result.page()
		}
		return err
	})
	return page, err
}

// taskRequest is the body of a call for a single task.
type taskRequest struct {
	*tchttp.BaseRequest
	TaskId string //nolint:revive // the API's name
}

// group asks for the name of the consumer group of a task.
func (c *client) group(ctx context.Context, taskID string) (group string, err error) {
	request := &taskRequest{BaseRequest: &tchttp.BaseRequest{}, TaskId: taskID}
	err = c.sendInBackground(ctx, source.SingleTask, request, func(body []byte) error {
		result, err := decode[singleTask](body, c.renewer.Redactor())
		if err == nil {
			group = result.group()
		}
		return err
	})
	return group, err
}

// sendInBackground is like send, for calls that list no items.
func (c *client) sendInBackground(ctx context.Context, action source.Action, request sdkRequest, decode func(body []byte) error) error {
	target := source.Target{Account: c.account, Region: c.region, Action: action}
	return c.send(ctx, c.background(), action, request, func(body []byte) error {
		if c.onResponse != nil {
			c.onResponse(target, c.responses.Add(1)-1, body)
		}
		return decode(body)
	})
}

// groupOffsets is the result of a call for offsets.
type groupOffsets struct {
	TotalCount number
	TopicList  []struct {
		Topic      text
		Partitions []struct{ Partition, Offset, LogEndOffset, ErrorCode number }
	}
}

func (o *groupOffsets) page() source.OffsetsPage {
	page := source.OffsetsPage{Topics: len(o.TopicList), Total: int64(o.TotalCount.Value)}
	for _, topic := range o.TopicList {
		for _, p := range topic.Partitions {
			page.Partitions = append(page.Partitions, source.Partition{
				Topic: string(topic.Topic), Number: int64(p.Partition.Value),
				Offset: int64(p.Offset.Value), LogEnd: int64(p.LogEndOffset.Value),
				Failed: p.ErrorCode.Value != 0 || !p.Offset.Known || !p.LogEndOffset.Known,
			})
		}
	}
	return page
}

// singleTask is the result of a call for a single task.
type singleTask struct {
	Connections []struct {
		Group text `json:"GroupId"`
	}
}

func (t *singleTask) group() string {
	for _, connection := range t.Connections {
		if connection.Group != "" {
			return string(connection.Group)
		}
	}
	return ""
}
