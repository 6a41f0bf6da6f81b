package config_test

import (
	"strings"
	"testing"

	"datahub_exporter/config"
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
