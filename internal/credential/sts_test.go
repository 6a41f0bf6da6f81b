package credential_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/credential"
	"datahub_exporter/internal/endpoint"
	"datahub_exporter/internal/secret"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// Each request to STS has the right parameters and goes to the right endpoint.
func TestRequestsToSTS(t *testing.T) {
	const arn = "qcs::cam::uin/1:roleName/monitor"
	keys := credential.Static("AKIDhush", "key", "the-token")
	plain, full := keys, keys
	plain.Role = credential.Role{ARN: arn}
	full.Role = credential.Role{ARN: arn, ExternalID: secret.New("e-1"), Duration: 20 * time.Minute}
	at := func(o credential.Options, api, sts string) credential.Options {
		o.API = endpoint.Endpoint{Scheme: "https", Host: api}
		o.STS = endpoint.Endpoint{Scheme: "http", Host: sts}
		return o
	}
	asked := func(seconds float64, more ...string) map[string]any {
		parameters := map[string]any{"RoleArn": arn, "RoleSessionName": "datahub_exporter", "DurationSeconds": seconds}
		for i := 0; i < len(more); i += 2 {
			parameters[more[i]] = more[i+1]
		}
		return parameters
	}
	tests := map[string]struct {
		options    credential.Options
		url        string
		parameters map[string]any
	}{
		"in public":             {plain, "https://sts.tencentcloudapi.com/", asked(7200)},
		"a regional endpoint":   {at(plain, "ckafka.ap-guangzhou.tencentcloudapi.com", ""), "https://sts.tencentcloudapi.com/", asked(7200)},
		"inside a VPC":          {at(plain, "CKAFKA.internal.tencentcloudapi.com", ""), "https://sts.internal.tencentcloudapi.com/", asked(7200)},
		"inside a VPC, by port": {at(plain, "ckafka.internal.tencentcloudapi.com:443", ""), "https://sts.internal.tencentcloudapi.com/", asked(7200)},
		"elsewhere":             {at(full, "ckafka.internal.tencentcloudapi.com", "127.0.0.1:1"), "http://127.0.0.1:1/", asked(1200, "ExternalId", "e-1")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var request *http.Request
			var body []byte
			renewer := credential.New(test.options, credential.Host{Transport: roundTripper(func(sent *http.Request) (*http.Response, error) {
				request = sent
				body, _ = io.ReadAll(sent.Body)
				return nil, errors.New("enough")
			})})
			defer renewer.Close()
			if _, err := renewer.Get(t.Context()); err == nil || err.Error() != "assume role_arn: enough" {
				t.Errorf("have %v", err)
			}
			var parameters map[string]any
			if err := json.Unmarshal(body, &parameters); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.parameters, parameters); diff != "" || request.URL.String() != test.url {
				t.Errorf("at %s (-want +have):\n%s", request.URL, diff)
			}
			head := request.Header
			if head.Get("X-TC-Action") != "AssumeRole" || head.Get("X-TC-Version") != "2018-08-13" || head.Get("X-TC-Token") != "the-token" ||
				!strings.HasPrefix(head.Get("Authorization"), "TC3-HMAC-SHA256 Credential=AKIDhush/") {
				t.Errorf("have %v", head)
			}
			if _, ends := request.Context().Deadline(); !ends {
				t.Error("the call has no deadline")
			}
		})
	}
}
