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
// a CallReport, one for a credential.
type Action string

// The two list calls.
const (
	Tasks       Action = "DescribeDatahubTasks"
	Connections Action = "DescribeConnectResources"
)

const (
	service = "ckafka"
	version = "2019-08-19"
	// pageSize is the largest Limit that the API allows, by its documentation.
	pageSize = 100
)

// page is one answer of a list call. An element that is null or has no ID is an
// Item with an empty ID.
type page struct {
	items []Item
	// total is the answer's TotalCount, NaN where it is null.
	total float64
}

// client asks one region of one account. The SDK signs and sends; what it would
// make of an answer, it makes of a stand-in (see exchange).
type client struct {
	sdk *common.Client
	// renewer keeps the account's credential, which an error of the API's may
	// repeat.
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
	sdk.WithHttpTransport(exchange{next: transport})
	return &client{sdk: sdk, renewer: renewer}
}

// listRequest is the body of a list call.
type listRequest struct {
	*tchttp.BaseRequest
	Offset, Limit int64
}

// list returns the call of an action. It asks for pageSize items and its error
// is an *Error.
func (c *client) list(action Action) fetch {
	return func(ctx context.Context, offset int64) (page, error) {
		used := c.renewer.Held()
		body, err := c.body(ctx, action, offset)
		if err != nil {
			return page{}, classify(ctx, err)
		}
		decoded, err := decode(body, shapes[action], c.renewer.Redactor())
		if failure, ok := errors.AsType[*Error](err); ok && failure.refusesCredential() {
			c.renewer.Refused(used)
		}
		return decoded, err
	}
}

// body returns the body of the answer to one call.
func (c *client) body(ctx context.Context, action Action, offset int64) ([]byte, error) {
	request := &listRequest{BaseRequest: &tchttp.BaseRequest{}, Offset: offset, Limit: pageSize}
	request.Init().WithApiInfo(service, version, string(action))
	ctx, body := withBody(ctx)
	request.SetContext(ctx)
	err := c.sdk.Send(request, &tchttp.BaseResponse{})
	return *body, err
}
