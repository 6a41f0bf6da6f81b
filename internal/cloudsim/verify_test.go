package cloudsim_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

func TestRefusals(t *testing.T) {
	header := func(name, value string) func(*http.Request, time.Time) {
		return func(r *http.Request, _ time.Time) { r.Header.Set(name, value) }
	}
	rewrite := func(old, changed string) func(*http.Request, time.Time) {
		return func(r *http.Request, _ time.Time) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, changed, 1))
		}
	}
	signedAt := func(off time.Duration) func(*http.Request, time.Time) {
		return func(r *http.Request, now time.Time) { signAt(r, "{}", now.Add(off)) }
	}
	body := func(sent string) func(*http.Request, time.Time) {
		return func(r *http.Request, _ time.Time) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sent)), int64(len(sent))
		}
	}
	cases := map[string]struct {
		spoil func(*http.Request, time.Time)
		want  string
	}{
		"nothing":                {signedAt(0), ""},
		"GET":                    {func(r *http.Request, _ time.Time) { r.Method = http.MethodGet }, "UnsupportedProtocol"},
		"path":                   {func(r *http.Request, _ time.Time) { r.URL.Path = "/v2" }, "UnsupportedProtocol"},
		"form":                   {header("Content-Type", "application/x-www-form-urlencoded"), "UnsupportedProtocol"},
		"so large that it fits":  {body(strings.Repeat(" ", 10<<20)), "AuthFailure.SignatureFailure"},
		"too large":              {body(strings.Repeat(" ", 10<<20+1)), "RequestSizeLimitExceeded"},
		"no authorization":       {header("Authorization", ""), "AuthFailure.InvalidAuthorization"},
		"other algorithm":        {rewrite("TC3-HMAC-SHA256", "HmacSHA256"), "AuthFailure.InvalidAuthorization"},
		"other service":          {rewrite("/ckafka/", "/cvm/"), "AuthFailure.InvalidAuthorization"},
		"host not signed":        {rewrite("content-type;host", "content-type"), "AuthFailure.InvalidAuthorization"},
		"no timestamp":           {header("X-TC-Timestamp", ""), "MissingParameter"},
		"timestamp of no number": {header("X-TC-Timestamp", "now"), "InvalidParameter"},
		"300 s late":             {signedAt(-300 * time.Second), ""},
		"301 s late":             {signedAt(-301 * time.Second), "AuthFailure.SignatureExpire"},
		"300 s early, next day":  {signedAt(300 * time.Second), ""},
		"301 s early":            {signedAt(301 * time.Second), "AuthFailure.SignatureExpire"},
		"secret id":              {rewrite("Credential=AKID", "Credential=BKID"), "AuthFailure.SecretIdNotFound"},
		"token":                  {header("X-TC-Token", "any"), "AuthFailure.TokenFailure"},
		"signature":              {rewrite("Signature=", "Signature=0"), "AuthFailure.SignatureFailure"},
		"date":                   {rewrite("/2025-06-01/", "/2025-06-02/"), "AuthFailure.SignatureFailure"},
		"timestamp not signed":   {header("X-TC-Timestamp", "1748822398"), "AuthFailure.SignatureFailure"},
		"body not signed":        {body(`{"Limit":1}`), "AuthFailure.SignatureFailure"},
		"content type":           {header("Content-Type", "application/json; charset=utf-8"), "AuthFailure.SignatureFailure"},
		"host":                   {func(r *http.Request, _ time.Time) { r.Host = "elsewhere" }, "AuthFailure.SignatureFailure"},
		"no action":              {header("X-TC-Action", ""), "InvalidAction"},
		"singular action":        {header("X-TC-Action", "DescribeConnectResource"), "InvalidAction"},
		"version":                {header("X-TC-Version", "2017-03-12"), "NoSuchVersion"},
		"no region":              {header("X-TC-Region", ""), "MissingParameter"},
		"region":                 {header("X-TC-Region", "ap-atlantis"), "UnsupportedRegion"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, nil)
			cloud.Always("", "", cloudsim.Error("FromScript", ""))
			want := c.want
			if want == "" {
				want = "FromScript" // faults apply only to calls that are not refused
			}
			r := cloud.request(t.Context(), t, tasks, guangzhou, "{}")
			c.spoil(r, cloud.clock.Now())
			if have := cloud.do(t, r).code(); have != want {
				t.Errorf("want %q, have %q", want, have)
			}
			if calls := cloud.Calls("", ""); len(calls) != 1 || calls[0].Code != want {
				t.Errorf("want one call with code %q, have %+v", want, calls)
			}
		})
	}
}

func TestToken(t *testing.T) {
	cases := map[string]string{"": "AuthFailure.TokenFailure", "stale": "AuthFailure.TokenFailure", "session": ""}
	for token, want := range cases {
		t.Run(token, func(t *testing.T) {
			cloud := newCloud(t, func(o *cloudsim.Options) { o.Token = "session" })
			r := cloud.request(t.Context(), t, tasks, guangzhou, "{}")
			r.Header.Set("X-TC-Token", token)
			if have := cloud.do(t, r).code(); have != want {
				t.Errorf("want %q, have %q", want, have)
			}
		})
	}
}

// A request ID is a UUID, both for a success and for a refusal.
func TestRequestIDsDiffer(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	cloud := newCloud(t, nil)
	seen := map[string]bool{}
	for _, region := range []string{guangzhou, guangzhou, "ap-atlantis"} {
		id := cloud.call(t, tasks, region, "{}").Response.RequestID
		if !form.MatchString(id) {
			t.Errorf("want a UUID, have %q", id)
		}
		seen[id] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("want 3 different request IDs, have %v", seen)
	}
}

func TestQuotaSlides(t *testing.T) {
	cloud := newCloud(t, func(o *cloudsim.Options) { o.QPS = 2 })
	start := cloud.clock.Now()
	steps := []struct {
		after          time.Duration
		action, region string
		want           string
	}{
		{0, tasks, guangzhou, ""},
		{400 * time.Millisecond, tasks, guangzhou, ""},
		{900 * time.Millisecond, tasks, guangzhou, "RequestLimitExceeded"},
		{900 * time.Millisecond, connections, guangzhou, ""},
		{900 * time.Millisecond, tasks, shanghai, ""},
		{999 * time.Millisecond, tasks, guangzhou, "RequestLimitExceeded"},
		{1000 * time.Millisecond, tasks, guangzhou, ""},
		{1300 * time.Millisecond, tasks, guangzhou, "RequestLimitExceeded"},
		{1400 * time.Millisecond, tasks, guangzhou, ""},
		{1500 * time.Millisecond, tasks, guangzhou, "RequestLimitExceeded"},
	}
	for _, step := range steps {
		cloud.clock.set(start.Add(step.after))
		if have := cloud.call(t, step.action, step.region, "{}").code(); have != step.want {
			t.Errorf("%s %s after %v: want %q, have %q", step.action, step.region, step.after, step.want, have)
		}
	}
}
