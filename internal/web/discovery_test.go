package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/source/ckafka"
)

type group struct {
	Targets []string
	Labels  map[string]string
}

// discover asks an address for the targets and returns them.
func (r *rig) discover(t *testing.T, host string) (*http.Response, []group) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.server.URL+"/api/v1/ckafka/sd", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := r.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var groups []group
	if err := json.Unmarshal(body, &groups); err != nil || groups == nil {
		t.Fatalf("want a list of groups, have %s (%v)", body, err)
	}
	return response, groups
}

// There is a group for each account and region, at the address of the request.
// Groups name the account where the series do. A reload shows at once, and no call
// is made to the API.
func TestDiscovery(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	in := func(region string) map[string]string {
		return map[string]string{"__param_region": region, "__meta_ckafka_region": region}
	}
	of := func(account, region string) map[string]string {
		labels := in(region)
		labels["__param_account"], labels["__meta_ckafka_account"] = account, account
		return labels
	}
	steps := []struct {
		name     string
		accounts []ckafka.Account // nil: as it was
		host     string
		want     []group
	}{
		{"one account", nil, "exporter:48080", []group{{[]string{"exporter:48080"}, in(region)}}},
		{"by another address", nil, "[::1]:8443", []group{{[]string{"[::1]:8443"}, in(region)}}},
		{"without a port", nil, "exporter.example", []group{{[]string{"exporter.example"}, in(region)}}},
		{
			"several accounts",
			[]ckafka.Account{{Name: "prod", Regions: []string{region, "ap-shanghai"}}, {Name: "测试", Regions: []string{region}}},
			"x:1",
			[]group{
				{[]string{"x:1"}, of("prod", region)},
				{[]string{"x:1"}, of("prod", "ap-shanghai")},
				{[]string{"x:1"}, of("测试", region)},
			},
		},
		{"none", []ckafka.Account{}, "x:1", []group{}},
	}
	for _, step := range steps {
		if step.accounts != nil {
			r.set.Reload(r.api.Listers(step.accounts))
		}
		response, have := r.discover(t, step.host)
		if diff := cmp.Diff(step.want, have); diff != "" {
			t.Errorf("%s (-want +have):\n%s", step.name, diff)
		}
		// Prometheus accepts only this type.
		if kind := response.Header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("%s: want application/json, have %s", step.name, kind)
		}
		if cached := response.Header.Get("Cache-Control"); cached != "no-store" {
			t.Errorf("%s: want no-store, have %s", step.name, cached)
		}
	}
	if calls := len(r.cloud.Calls("", "")); calls != 0 {
		t.Errorf("want no call, have %d", calls)
	}
}

// Without a Host header, which HTTP/1.0 may omit, there is no address.
func TestDiscoveryWithoutAnAddress(t *testing.T) {
	r := newRig(t, time.Hour, "prod")
	connection := dial(t, r.server.Listener.Addr().String())
	if _, err := io.WriteString(connection, "GET /api/v1/ckafka/sd HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 400 ") || !strings.Contains(string(answer), "without the header Host") {
		t.Errorf("want 400 and why, have %s, %v", answer, err)
	}
}
