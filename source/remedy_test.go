package source

import (
	"strings"
	"testing"
	"unicode"
)

func TestRemedies(t *testing.T) {
	for want, failure := range map[string]*Error{
		"check secret_id":         {Class: Auth, Code: "AuthFailure.SecretIdNotFound"},
		"QcloudCkafkaReadOnlyAcc": {Class: Permission, Code: "UnauthorizedOperation"},
		"check region":            {Class: Parameter, Code: "UnsupportedRegion"},
		"lower --ckafka.qps":      {Class: Throttled, Code: "RequestLimitExceeded"},
		"check endpoint, DNS":     {Class: Network},
		"raise --ckafka.timeout":  {Class: Timeout},
		"Tencent Cloud support":   {Class: Server, Code: "InternalError"},
		"more is known":           {Class: Auth, Advice: Remedy{"more is known", "知道更多"}},
		"is not in the API's":     {Class: Server, Final: true},
		"API's documented format": {Class: Decode},
	} {
		have := failure.Remedy()
		if !strings.Contains(have.English, want) {
			t.Errorf("%s: want %q in the remedy, have %q", failure.Code, want, have.English)
		}
		if !strings.ContainsFunc(have.Chinese, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: want a Chinese remedy, have %q", failure.Code, have.Chinese)
		}
	}
}
