package credential

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	sdkprofile "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"datahub_exporter/internal/endpoint"
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
)

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
	wire
	at  endpoint.Endpoint
	now func() time.Time
}

// assumed is a role that is assumed with the credential of another provider.
type assumed struct {
	sts  sts
	with Provider
	role Role
}

// Retrieve assumes the role.
func (a assumed) Retrieve(ctx context.Context) (Values, error) {
	with, err := a.with.Retrieve(ctx)
	if err != nil {
		return Values{}, err
	}
	parameters := map[string]any{
		"RoleArn": a.role.ARN, "RoleSessionName": sessionName, "DurationSeconds": seconds(a.role.Duration),
	}
	if id := a.role.ExternalID.Reveal(); id != "" {
		parameters["ExternalId"] = id
	}
	signer := common.NewTokenCredential(with.ID.Reveal(), with.Key.Reveal(), with.Token.Reveal())
	own := append(with.secrets(), a.role.ExternalID)
	values, err := a.sts.ask(ctx, AssumeRole, stsRegion, parameters, signer, own)
	if err != nil {
		return Values{}, fmt.Errorf("assume role_arn: %w", err)
	}
	return values, nil
}

// podRoleOf is the role of a pod's service account.
type podRoleOf struct {
	sts sts
	pod pod
}

// Retrieve assumes the role with a token from a file that Kubernetes replaces from
// time to time.
func (p podRoleOf) Retrieve(ctx context.Context) (Values, error) {
	token, err := readValue(ctx, p.pod.tokenFile)
	if err != nil {
		return Values{}, fmt.Errorf("%s %s: %w", podToken, p.pod.tokenFile, err)
	}
	parameters := map[string]any{
		"ProviderId": p.pod.provider, "WebIdentityToken": token.Reveal(), "RoleArn": p.pod.role,
		"RoleSessionName": sessionName, "DurationSeconds": seconds(0),
	}
	values, err := p.sts.ask(ctx, AssumePodRole, p.pod.region, parameters, nil, []secret.Value{token})
	if err != nil {
		return Values{}, fmt.Errorf("assume %s with the pod's token: %w", podRole, err)
	}
	return values, nil
}

func seconds(duration time.Duration) int64 {
	if duration == 0 {
		duration = DefaultDuration
	}
	return int64(duration / time.Second)
}

// ask makes one call, signed unless signer is nil. The secrets in own are redacted
// from the error.
func (s sts) ask(ctx context.Context, action, region string, parameters map[string]any, signer common.CredentialIface, own []secret.Value) (Values, error) {
	settings := sdkprofile.NewClientProfile()
	settings.HttpProfile.Endpoint, settings.HttpProfile.Scheme = s.at.Host, s.at.Scheme
	settings.HttpProfile.ReqTimeout = 0 // ctx is exact
	request := tchttp.NewCommonRequest(stsService, stsVersion, action)
	request.SetContext(ctx)
	request.SetSkipSign(signer == nil)
	if err := request.SetActionParameters(parameters); err != nil {
		return Values{}, fmt.Errorf("prepare call: %w", err)
	}
	var granted session
	var failure error
	client := common.NewCommonClient(signer, region, settings)
	client.WithHttpTransport(roundTripper(func(request *http.Request) error {
		failure = s.call(action, request, func(body []byte) (err error) {
			granted, err = decodeSTS(body, secret.NewRedactor(own...))
			return err
		})
		return failure
	}))
	err := client.Send(request, &tchttp.BaseResponse{})
	switch {
	case failure != nil:
		return Values{}, failure // as it was, before the SDK wrapped it
	case err != nil:
		return Values{}, errors.New("call could not be sent; check sts_endpoint")
	}
	values, err := granted.values(s.now())
	values.behind = own
	return values, err
}

// roundTripper lets the SDK sign a request that others send. It returns an empty
// response in place of the real one, which the SDK would read without a limit and
// quote in its errors.
type roundTripper func(*http.Request) error

// RoundTrip sends the request.
func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := r(request); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: request,
	}, nil
}
