package endpoint_test

import (
	"testing"

	"datahub_exporter/internal/endpoint"
)

func TestInTheClear(t *testing.T) {
	for value, want := range map[string]bool{
		"https://ckafka.tencentcloudapi.com":      false,
		"http://ckafka.tencentcloudapi.com":       true,
		"http://ckafka.tencentcloudapi.com:8080":  true,
		"http://10.0.0.1":                         true,
		"http://[2001:db8::1]:80":                 true,
		"http://localhost.example":                true,
		"http://localhost:8080":                   false,
		"http://LOCALHOST":                        false,
		"http://127.0.0.1:8080":                   false,
		"http://127.8.8.8":                        false,
		"http://[::1]":                            false,
		"http://[::1]:8080":                       false,
		"http://[::ffff:127.0.0.1]:80":            false,
		"http://0.0.0.0:80":                       true,
		"ckafka.internal.tencentcloudapi.com:443": false,
	} {
		parsed, err := endpoint.Parse(value)
		if err != nil {
			t.Errorf("%s: %v", value, err)
		}
		if have := parsed.InTheClear(); have != want {
			t.Errorf("%s: want %v, have %v", value, want, have)
		}
	}
	if (endpoint.Endpoint{}).InTheClear() {
		t.Error("the default: want false, have true")
	}
}
