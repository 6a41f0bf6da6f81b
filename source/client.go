package source

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"

	ckafka "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ckafka/v20190819"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"datahub_exporter/secret"
)

// Action is one of the API's two list calls, by its name on the wire.
type Action string

// The two list calls.
const (
	Tasks       Action = "DescribeDatahubTasks"
	Connections Action = "DescribeConnectResources"
)

// pageSize is the largest Limit that the API allows, by its documentation.
const pageSize = 100

// page is one answer of a list call. An element that is null or has no ID is an
// Item with an empty ID.
type page struct {
	items []Item
	// total is the answer's TotalCount, NaN where it is null.
	total float64
}

// client asks one region of one account.
type client struct {
	sdk *ckafka.Client
	// own are the account's secrets, which an error of the API's may repeat.
	own secret.Redactor
}

// newClient returns a client for the region on a shared transport. It makes no
// call.
func newClient(account Account, region string, transport http.RoundTripper) (*client, error) {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Endpoint = account.Endpoint.Host
	if account.Endpoint.Scheme != "" {
		settings.HttpProfile.Scheme = account.Endpoint.Scheme
	}
	// The SDK's own timeout counts whole seconds; a refresh's context is exact.
	settings.HttpProfile.ReqTimeout = 0
	credential := common.NewTokenCredential(
		account.SecretID.Reveal(), account.SecretKey.Reveal(), account.Token.Reveal())
	sdk, err := ckafka.NewClient(credential, region, settings)
	if err != nil {
		return nil, err
	}
	sdk.WithHttpTransport(exchange{next: transport})
	return &client{sdk: sdk, own: secret.NewRedactor(account.SecretID, account.SecretKey, account.Token)}, nil
}

// list returns the call that the action names. It asks for pageSize items and its
// error is an *Error.
func (c *client) list(action Action) fetch {
	if action == Connections {
		return c.connections
	}
	return c.tasks
}

func (c *client) tasks(ctx context.Context, offset int64) (page, error) {
	request := ckafka.NewDescribeDatahubTasksRequest()
	request.Offset, request.Limit = new(offset), new(int64(pageSize))
	response, err := c.sdk.DescribeDatahubTasksWithContext(ctx, request)
	switch {
	case err != nil:
		return page{}, c.failure(ctx, err)
	case response.Response == nil || response.Response.Result == nil:
		return page{}, errNoResult
	}
	result := response.Response.Result
	return decode(result.TotalCount, result.TaskList, func(task *ckafka.DatahubTaskInfo) Item {
		return Item{ID: text(task.TaskId), Name: text(task.TaskName), Status: number(task.Status, StatusUnknown)}
	})
}

func (c *client) connections(ctx context.Context, offset int64) (page, error) {
	request := ckafka.NewDescribeConnectResourcesRequest()
	request.Offset, request.Limit = new(offset), new(int64(pageSize))
	response, err := c.sdk.DescribeConnectResourcesWithContext(ctx, request)
	switch {
	case err != nil:
		return page{}, c.failure(ctx, err)
	case response.Response == nil || response.Response.Result == nil:
		return page{}, errNoResult
	}
	result := response.Response.Result
	return decode(result.TotalCount, result.ConnectResourceList, func(connection *ckafka.DescribeConnectResource) Item {
		return Item{ID: text(connection.ResourceId), Name: text(connection.ResourceName), Status: number(connection.Status, StatusUnknown)}
	})
}

// errNoResult is an answer that is neither a listing nor an error.
var errNoResult = &Error{Class: Decode, Message: "answer has no Result"}

// failure classifies an error of the SDK's, with our secrets replaced where the
// API repeats them.
func (c *client) failure(ctx context.Context, err error) *Error {
	if sdk, ok := errors.AsType[*tcerrors.TencentCloudSDKError](err); ok && sdk.Unwrap() == nil {
		err = tcerrors.NewTencentCloudSDKError(c.own.Redact(sdk.Code), c.own.Redact(sdk.Message), c.own.Redact(sdk.RequestId))
	}
	return classify(ctx, err)
}

// decode copies what is kept out of an answer, each of whose pointers may be
// nil. It refuses more items than were asked for: they are no page.
func decode[T any](total *int64, list []*T, item func(*T) Item) (page, error) {
	if len(list) > pageSize {
		return page{}, &Error{Class: Decode, Message: fmt.Sprintf("answer lists %d items, though %d were asked for", len(list), pageSize)}
	}
	decoded := page{items: make([]Item, len(list)), total: number(total, math.NaN())}
	for i, element := range list {
		if element != nil {
			decoded.items[i] = item(element)
		}
	}
	return decoded, nil
}

// text returns a name as the API sent it. It is valid UTF-8, as a label must be:
// decoding JSON has replaced what was not.
func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func number(value *int64, absent float64) float64 {
	if value == nil {
		return absent
	}
	return float64(*value)
}
