package config_test

import (
	"strings"
	"testing"

	"datahub_exporter/internal/config"
)

func TestWarnsOfCallsInTheClear(t *testing.T) {
	for fixture, want := range map[string]bool{"everything": true, "plain": false, "quoted": false} {
		loaded, err := config.Load(t.Context(), "testdata/"+fixture+".ok.conf")
		if err != nil {
			t.Fatal(err)
		}
		warnings := strings.Join(loaded.Warnings, "\n")
		if have := strings.Contains(warnings, "account common has an http:// endpoint"); have != want {
			t.Errorf("%s: want a warning %v, have:\n%s", fixture, want, warnings)
		}
		if strings.Contains(warnings, "ckafka.internal") {
			t.Errorf("%s: the endpoint is repeated:\n%s", fixture, warnings)
		}
	}
}

// The credentials that STS issues are worth more than a response of the API.
func TestWarnsOfCredentialsInTheClear(t *testing.T) {
	const role = "role_arn = qcs::cam::uin/1:roleName/m\n"
	for endpoint, want := range map[string]bool{
		"http://sts.example": true, "https://sts.example": false, "sts.example": false, "http://127.0.0.1:8080": false,
	} {
		loaded, err := config.Load(t.Context(), write(t, plain+role+"sts_endpoint = "+endpoint+"\n", 0o600))
		if err != nil {
			t.Fatal(err)
		}
		warnings := strings.Join(loaded.Warnings, "\n")
		if have := strings.Contains(warnings, "account common has an http:// sts_endpoint"); have != want {
			t.Errorf("%s: want a warning %v, have:\n%s", endpoint, want, warnings)
		}
		if strings.Contains(warnings, "sts.example") {
			t.Errorf("%s: the endpoint is repeated:\n%s", endpoint, warnings)
		}
	}
}
