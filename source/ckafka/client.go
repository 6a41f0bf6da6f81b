package ckafka

import (
	"context"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"datahub_exporter/internal/credential"
	"datahub_exporter/source"
)

const (
	service = "ckafka"
	version = "2019-08-19"
)

// client queries one region of one account. The SDK signs and sends the requests.
type client struct {
	sdk             *common.Client
	account, region string
	// renewer has the account's credential, which an API error may repeat.
	renewer    *credential.Renewer
	pool       *pool
	onResponse func(target source.Target, offset int64, body []byte) // may be nil
}

func (a *API) newClient(account Account, region string, renewer *credential.Renewer) *client {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Endpoint = account.Endpoint.Host
	if account.Endpoint.Scheme != "" {
		settings.HttpProfile.Scheme = account.Endpoint.Scheme
	}
	// The SDK's own timeout counts whole seconds; a refresh's context is exact.
	settings.HttpProfile.ReqTimeout = 0
	sdk := common.NewCommonClient(signer{renewer}, region, settings)
	sdk.WithHttpTransport(limited{a.pool})
	return &client{sdk: sdk, account: account.Name, region: region, renewer: renewer, pool: a.pool, onResponse: a.options.OnResponse}
}

// lister returns the lister of an action.
func (c *client) lister(action source.Action) source.Lister {
	target := source.Target{Account: c.account, Region: c.region, Action: action}
	return source.Lister{Target: target, Ready: c.ready, List: func(ctx context.Context, offset int64) (source.Page, error) {
		return c.page(ctx, target, offset)
	}}
}

// ready waits for a credential to sign a call with.
func (c *client) ready(ctx context.Context) error {
	if _, err := c.renewer.Get(ctx); err != nil {
		return noCredential(err)
	}
	return nil
}

// listRequest is the body of a list call.
type listRequest struct {
	*tchttp.BaseRequest
	Offset, Limit int64
}

// page makes one call and returns the decoded response. Its error is a *source.Error.
func (c *client) page(ctx context.Context, target source.Target, offset int64) (source.Page, error) {
	used := c.renewer.Current()
	request := &listRequest{BaseRequest: &tchttp.BaseRequest{}, Offset: offset, Limit: source.PageSize}
	request.Init().WithApiInfo(service, version, string(target.Action))
	request.SetContext(ctx)
	response := &response{action: target.Action, own: c.renewer.Redactor()}
	if c.onResponse != nil {
		response.onBody = func(body []byte) { c.onResponse(target, offset, body) }
	}
	if err := c.sdk.Send(request, response); err != nil {
		failure := classify(ctx, err)
		if refusesCredential(failure) {
			c.renewer.Refused(used)
		}
		if mayBeOfConnection(failure) {
			c.pool.closeIdle()
		}
		return source.Page{}, failure
	}
	return response.page, nil
}
