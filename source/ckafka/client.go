package ckafka

import (
	"context"
	"sync"
	"sync/atomic"

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

// client queries one region of one account.
type client struct {
	listing         sender
	background      func() sender
	account, region string
	// renewer has the account's credential, which an API error may repeat.
	renewer    *credential.Renewer
	onResponse func(target source.Target, offset int64, body []byte) // may be nil
	responses  atomic.Int64                                          // to calls that list no items
}

// sender signs and sends the requests, which the SDK does, over the connections of a
// pool.
type sender struct {
	sdk  *common.Client
	pool *pool
}

func (a *API) newClient(account Account, region string, renewer *credential.Renewer) *client {
	return &client{
		listing: newSender(account, region, renewer, a.pool),
		// Most exporters make no call in the background.
		background: sync.OnceValue(func() sender { return newSender(account, region, renewer, a.background) }),
		account:    account.Name, region: region, renewer: renewer, onResponse: a.options.OnResponse,
	}
}

func newSender(account Account, region string, renewer *credential.Renewer, pool *pool) sender {
	settings := profile.NewClientProfile()
	settings.HttpProfile.Endpoint = account.Endpoint.Host
	if account.Endpoint.Scheme != "" {
		settings.HttpProfile.Scheme = account.Endpoint.Scheme
	}
	// The SDK's own timeout counts whole seconds; a refresh's context is exact.
	settings.HttpProfile.ReqTimeout = 0
	sdk := common.NewCommonClient(signer{renewer}, region, settings)
	sdk.WithHttpTransport(limited{pool})
	return sender{sdk, pool}
}

// lister returns the lister of an action.
func (c *client) lister(action source.Action) source.Lister {
	target := source.Target{Account: c.account, Region: c.region, Action: action}
	lister := source.Lister{Target: target, Ready: c.ready, List: func(ctx context.Context, offset int64) (source.Page, error) {
		return c.page(ctx, target, offset)
	}}
	if action == source.Tasks {
		lister.Offsets, lister.Group = c.offsets, c.group
	}
	return lister
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
func (c *client) page(ctx context.Context, target source.Target, offset int64) (page source.Page, err error) {
	request := &listRequest{BaseRequest: &tchttp.BaseRequest{}, Offset: offset, Limit: source.PageSize}
	err = c.send(ctx, c.listing, target.Action, request, func(body []byte) (err error) {
		if c.onResponse != nil {
			c.onResponse(target, offset, body)
		}
		page, err = decodePage(body, target.Action, c.renewer.Redactor())
		return err
	})
	return page, err
}

// send makes one call, whose response decode takes. Its error is a *source.Error.
func (c *client) send(ctx context.Context, by sender, action source.Action, request sdkRequest, decode func(body []byte) error) error {
	used := c.renewer.Current()
	request.Init().WithApiInfo(service, version, string(action))
	request.SetContext(ctx)
	err := by.sdk.Send(request, &response{decode})
	if err == nil {
		return nil
	}
	failure := classify(ctx, err)
	if refusesCredential(failure) {
		c.renewer.Refused(used)
	}
	if mayBeOfConnection(failure) {
		by.pool.closeIdle()
	}
	return failure
}

// sdkRequest is a request of the SDK.
type sdkRequest interface {
	tchttp.Request
	Init() *tchttp.BaseRequest
	SetContext(ctx context.Context)
}
