package cli

import (
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/version"
)

func TestNameBuild(t *testing.T) {
	recorded := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	committed := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-25T04:00:00Z"}
	type names struct{ Version, Date string }
	tests := map[string]struct {
		linked   names
		recorded *debug.BuildInfo
		want     names
	}{
		"by go run":                        {names{}, nil, names{"dev", ""}},
		"by go build main.go":              {names{}, recorded("(devel)"), names{"dev", ""}},
		"by go install, of a release":      {names{}, recorded("v1.2.3"), names{"1.2.3", ""}},
		"by go build, of a clone":          {names{}, recorded("v1.2.4-0.2026+dirty", committed), names{"1.2.4-0.2026+dirty", "2026-11-25T04:00:00Z"}},
		"by a release":                     {names{"1.2.3", "2026-11-01"}, recorded("v1.2.3-pre", committed), names{"1.2.3", "2026-11-01"}},
		"by a release, of a version alone": {names{"1.2.3", ""}, recorded("", committed), names{"1.2.3", "2026-11-25T04:00:00Z"}},
	}
	before := names{version.Version, version.BuildDate}
	t.Cleanup(func() { version.Version, version.BuildDate = before.Version, before.Date })
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			version.Version, version.BuildDate = test.linked.Version, test.linked.Date
			NameBuild(test.recorded)
			if diff := cmp.Diff(test.want, names{version.Version, version.BuildDate}); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}
