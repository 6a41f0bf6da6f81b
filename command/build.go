package command

import (
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// NameBuild completes what --version says, the linker's flags having set it or not:
// a release sets all of it, and go install and go build leave it to what they have
// recorded. Without either it is the version "dev". The revision is found by package
// version itself.
func NameBuild(recorded *debug.BuildInfo) {
	if version.Version == "" {
		version.Version = "dev"
		if recorded != nil && recorded.Main.Version != "" && recorded.Main.Version != "(devel)" {
			version.Version = strings.TrimPrefix(recorded.Main.Version, "v")
		}
	}
	if version.BuildDate == "" && recorded != nil {
		version.BuildDate = commitTime(recorded)
	}
}

// commitTime returns when the revision was made, in RFC 3339, or nothing.
func commitTime(recorded *debug.BuildInfo) string {
	for _, setting := range recorded.Settings {
		if setting.Key == "vcs.time" {
			return setting.Value
		}
	}
	return ""
}
