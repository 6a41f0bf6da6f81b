package credential

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	sdkprofile "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/secret"
)

const (
	stsService = "sts"
	stsVersion = "2018-08-13"
	// stsRegion is the SDK's: STS has the same roles in every region.
	stsRegion = "ap-guangzhou"

	publicSTS   = "sts.tencentcloudapi.com"
	internalSTS = "sts.internal.tencentcloudapi.com"
	// internalDomain is the domain of the cloud's services inside a VPC.
	internalDomain = ".internal.tencentcloudapi.com"

	// sessionName is the name in the cloud's audit log of who assumed a role.
	sessionName = "datahub_exporter"

	// maxTries is how often a call is tried at most.
	maxTries = 4
	// retryPause is about the first pause after a failure. With its jitter it is more
	// than the second in which the cloud counts calls, so that no quota is exceeded.
	retryPause  = 1250 * time.Millisecond
	retryJitter = 0.2
)

// newPauses returns growing pauses between two calls.
func newPauses() *backoff.ExponentialBackOff {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.RandomizationFactor = retryPause, retryJitter
	return pauses
}

// An STSError says why STS issued no session of a role.
type STSError struct {
	Doing string // what was tried: "assume role_arn"
	Pod   bool   // whether the role is that of a pod's service account
	Err   error  // an *APIError, an error of Host.Transport, or what is wrong with the response
}

// Error returns what was tried and why it failed.
func (e *STSError) Error() string { return e.Doing + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *STSError) Unwrap() error { return e.Err }

// stsEndpoint returns where roles are assumed. If the API is reached inside a VPC,
// which may have no route to the internet, so is STS.
func (o Options) stsEndpoint() endpoint.Endpoint {
	if o.STS.Host != "" {
		return o.STS
	}
	host, _, _ := strings.Cut(o.API.Host, ":")
	if strings.HasSuffix(strings.ToLower(host), internalDomain) {
		return endpoint.Endpoint{Scheme: "https", Host: internalSTS}
	}
	return endpoint.Endpoint{Scheme: "https", Host: publicSTS}
}

// sts requests temporary credentials.
type sts struct {
	caller
	endpoint endpoint.Endpoint
	now      func() time.Time
	passing  func(error) bool // see Host
}

// assumedRole is a role that is assumed with the credential of another provider.
type assumedRole struct {
	sts  sts
	base provider
	role Role
}

// Retrieve assumes the role.
func (a assumedRole) Retrieve(ctx context.Context) (Values, error) {
	base, err := a.base.Retrieve(ctx)
	if err != nil {
		return Values{}, err
	}
	parameters := map[string]any{
		"RoleArn": a.role.ARN, "RoleSessionName": sessionName, "DurationSeconds": seconds(a.role.Duration),
	}
	if id := a.role.ExternalID.Reveal(); id != "" {
		parameters["ExternalId"] = id
	}
	signer := common.NewTokenCredential(base.ID.Reveal(), base.Key.Reveal(), base.Token.Reveal())
	values, err := a.sts.call(ctx, "AssumeRole", stsRegion, parameters, signer, append(base.secrets(), a.role.ExternalID))
	if err != nil {
		return Values{}, &STSError{Doing: "assume role_arn", Err: err}
	}
	return values, nil
}

// podRole is the role of a pod's service account.
type podRole struct {
	sts sts
	pod pod
}

// Retrieve assumes the role with a token from a file that Kubernetes replaces from
// time to time.
func (p podRole) Retrieve(ctx context.Context) (Values, error) {
	token, err := readValue(p.pod.tokenFile)
	if err != nil {
		return Values{}, fmt.Errorf("%s %s: %w", podTokenVariable, p.pod.tokenFile, err)
	}
	parameters := map[string]any{
		"ProviderId": p.pod.provider, "WebIdentityToken": token.Reveal(), "RoleArn": p.pod.role,
		"RoleSessionName": sessionName, "DurationSeconds": seconds(0),
	}
	values, err := p.sts.call(ctx, "AssumeRoleWithWebIdentity", p.pod.region, parameters, nil, []secret.Value{token})
	if err != nil {
		return Values{}, &STSError{Doing: "assume " + podRoleVariable + " with the pod's token", Pod: true, Err: err}
	}
	return values, nil
}

func seconds(duration time.Duration) int64 {
	if duration == 0 {
		duration = DefaultDuration
	}
	return int64(duration / time.Second)
}

// call makes one call, signed unless signer is nil, and tries it again while it fails in
// passing. The secrets that it sends are redacted from the error.
func (s sts) call(ctx context.Context, action, region string, parameters map[string]any, signer common.CredentialIface, sent []secret.Value) (Values, error) {
	pauses := newPauses()
	pauses.Multiplier = 1
	deadline, _ := ctx.Deadline()
	var failure error
	values, err := backoff.Retry(ctx, func() (values Values, err error) {
		err = s.do(action, func() error {
			values, err = s.try(ctx, action, region, parameters, signer, sent)
			return err
		})
		// Prefer the earlier failure: an error of the deadline says less.
		if failure == nil || time.Now().Before(deadline) {
			failure = err
		}
		if err != nil && !s.passing(err) {
			err = backoff.Permanent(err)
		}
		return values, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(maxTries))
	if err != nil {
		return Values{}, failure
	}
	values.sent = sent
	return values, nil
}

// try makes one call, once.
func (s sts) try(ctx context.Context, action, region string, parameters map[string]any, signer common.CredentialIface, sent []secret.Value) (Values, error) {
	settings := sdkprofile.NewClientProfile()
	settings.HttpProfile.Endpoint, settings.HttpProfile.Scheme = s.endpoint.Host, s.endpoint.Scheme
	settings.HttpProfile.ReqTimeout = 0 // ctx is exact
	request := tchttp.NewCommonRequest(stsService, stsVersion, action)
	request.SetContext(ctx)
	request.SetSkipSign(signer == nil)
	if err := request.SetActionParameters(parameters); err != nil {
		return Values{}, fmt.Errorf("prepare call: %w", err)
	}
	client := common.NewCommonClient(signer, region, settings)
	client.WithHttpTransport(s.transport)
	var response stsResponse
	if err := client.Send(request, &response); err != nil {
		return Values{}, cleanError(err, secret.NewRedactor(sent...))
	}
	return response.Response.Credentials.values(response.Response.ExpiredTime, s.now())
}

// stsResponse is the response of STS.
type stsResponse struct {
	tchttp.BaseResponse
	Response struct {
		Credentials session
		ExpiredTime int64 // Unix seconds
	}
}

// cleanError returns the transport's error as it is, and the API's as an *APIError
// without the secrets that it may repeat. The SDK's own errors quote the body, so they
// are dropped.
func cleanError(err error, redactor secret.Redactor) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	failure, ok := errors.AsType[*tcerrors.TencentCloudSDKError](err)
	switch {
	case !ok:
		return err
	case strings.HasPrefix(failure.Code, "ClientError."):
		return errNoCredential
	}
	clean := func(text string) string { return logging.Clean(redactor.Redact(text)) }
	return &APIError{Code: clean(failure.Code), Message: clean(failure.Message), RequestID: clean(failure.RequestId)}
}
