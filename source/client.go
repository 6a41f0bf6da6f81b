package source

import (
	"context"
	"net/http"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"datahub_exporter/internal/credential"
)

// Action is a call by its name on the wire: one of the API's two list calls or, in
// a CallReport, a call for a credential.
type Action string

// The two list calls.
const (
	Tasks       Action = "DescribeDatahubTasks"
	Connections Action = "DescribeConnectResources"
)

const (
	service = "ckafka"
	version = "2019-08-19"
	// pageSize is the largest Limit that the API documents.
	pageSize = 100
)

// page is one response to a list call. An element that is null or has no ID is an
// Item with an empty ID.
type page struct {
	items []Item
	// total is the response's TotalCount, NaN if it was null.
	total float64
}

// client queries one region of one account. The SDK signs and sends the requests.
type client struct {
	sdk     *common.Client
	account string
	// renewer keeps the account's credential, which an API error may repeat.
	renewer *credential.Renewer
	// onAnswer is Options.OnAnswer.
	onAnswer func(target Target, offset int64, body []byte)
}

// newClient returns a client for the region of an account on a shared transport.
// It makes no call.
func newClient(account Account, region string, renewer *credential.Renewer, transport http.RoundTripper, options Options) *client {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Endpoint = account.Endpoint.Host
	if account.Endpoint.Scheme != "" {
		settings.HttpProfile.Scheme = account.Endpoint.Scheme
	}
	// The SDK's own timeout counts whole seconds; a refresh's context is exact.
	settings.HttpProfile.ReqTimeout = 0
	sdk := common.NewCommonClient(signer{renewer}, region, settings)
	sdk.WithHttpTransport(limited{transport})
	return &client{sdk: sdk, account: account.Name, renewer: renewer, onAnswer: options.OnAnswer}
}

// listRequest is the body of a list call.
type listRequest struct {
	*tchttp.BaseRequest
	Offset, Limit int64
}

// list returns a function that fetches the pages of an action. Its error is an
// *Error.
func (c *client) list(action Action) fetch {
	return func(ctx context.Context, offset int64) (page, error) { return c.page(ctx, action, offset) }
}

// page makes one call and returns the decoded response. Its error is an *Error.
func (c *client) page(ctx context.Context, action Action, offset int64) (page, error) {
	used := c.renewer.Held()
	request := &listRequest{BaseRequest: &tchttp.BaseRequest{}, Offset: offset, Limit: pageSize}
	request.Init().WithApiInfo(service, version, string(action))
	request.SetContext(ctx)
	response := &response{action: action, own: c.renewer.Redactor()}
	if c.onAnswer != nil {
		target := Target{Account: c.account, Region: c.sdk.GetRegion(), Action: action}
		response.keep = func(body []byte) { c.onAnswer(target, offset, body) }
	}
	if err := c.sdk.Send(request, response); err != nil {
		failure := classify(ctx, err)
		if failure.refusesCredential() {
			c.renewer.Refused(used)
		}
		return page{}, failure
	}
	return response.page, nil
}
