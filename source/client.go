package source

import (
	"context"
	"errors"
	"net/http"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"datahub_exporter/credential"
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

// client queries one region of one account. The SDK signs and sends the requests,
// but it sees only a stand-in for each response (see exchange).
type client struct {
	sdk    *common.Client
	bodies *bodies
	// renewer keeps the account's credential, which an API error may repeat.
	renewer *credential.Renewer
}

// newClient returns a client for the region of an account on a shared transport.
// It makes no call.
func newClient(account Account, region string, renewer *credential.Renewer, transport http.RoundTripper) *client {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Endpoint = account.Endpoint.Host
	if account.Endpoint.Scheme != "" {
		settings.HttpProfile.Scheme = account.Endpoint.Scheme
	}
	// The SDK's own timeout counts whole seconds; a refresh's context is exact.
	settings.HttpProfile.ReqTimeout = 0
	sdk := common.NewCommonClient(signer{renewer}, region, settings)
	bodies := new(bodies)
	sdk.WithHttpTransport(exchange{next: transport, bodies: bodies})
	return &client{sdk: sdk, bodies: bodies, renewer: renewer}
}

// listRequest is the body of a list call.
type listRequest struct {
	*tchttp.BaseRequest
	Offset, Limit int64
}

// list returns a function that fetches the pages of an action, pageSize items each.
// Its error is an *Error.
func (c *client) list(action Action) fetch {
	known := new(known)
	return func(ctx context.Context, offset int64) (page, error) {
		decoded, body, err := c.page(ctx, action, offset, pageSize, known.before(offset))
		c.bodies.put(body) // the decoded page does not refer to it
		if err == nil {
			known.keep(offset, decoded.items)
		}
		return decoded, err
	}
}

// page makes one call and returns the decoded response and its body. It reuses what
// is unchanged in before, the previous items of the page. Its error is an *Error.
func (c *client) page(ctx context.Context, action Action, offset, limit int64, before []Item) (page, []byte, error) {
	used := c.renewer.Held()
	body, err := c.body(ctx, action, offset, limit)
	if err != nil {
		return page{}, nil, classify(ctx, err)
	}
	decoded, err := decode(body, shapes[action], c.renewer.Redactor(), before)
	if failure, ok := errors.AsType[*Error](err); ok && failure.refusesCredential() {
		c.renewer.Refused(used)
	}
	return decoded, body, err
}

// body makes one call and returns the body of the response.
func (c *client) body(ctx context.Context, action Action, offset, limit int64) ([]byte, error) {
	request := &listRequest{BaseRequest: &tchttp.BaseRequest{}, Offset: offset, Limit: limit}
	request.Init().WithApiInfo(service, version, string(action))
	ctx, body := withBody(ctx)
	request.SetContext(ctx)
	err := c.sdk.Send(request, &tchttp.BaseResponse{})
	return *body, err
}
