package cli

import (
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// NameBuild completes the version information that --version shows, whether or not
// the linker's flags have set it: a release sets all of it, while go install and go
// build leave it to what they have recorded. Without either, the version is "dev".
// Package version finds the revision itself.
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

// commitTime returns when the revision was made, in RFC 3339, or "".
func commitTime(recorded *debug.BuildInfo) string {
	for _, setting := range recorded.Settings {
		if setting.Key == "vcs.time" {
			return setting.Value
		}
	}
	return ""
}
