package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// newest matches the heading of the newest version in the changelog.
var newest = regexp.MustCompile(`(?m)^## \[([^\]]+)\]`)

// number matches a version.
const number = `v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9a-z.]+)?)`

// mentions match what has our version in files that users read or copy: names of
// packages, charts, images and tags, labels, arguments of builds, series, and the chart.
var mentions = []*regexp.Regexp{
	regexp.MustCompile(`datahub[-_]exporter_` + number),
	regexp.MustCompile(`datahub-exporter-` + number),
	regexp.MustCompile(`datahub_exporter:` + number),
	regexp.MustCompile(`refs/tags/` + number),
	regexp.MustCompile(`app\.kubernetes\.io/version: "?` + number),
	regexp.MustCompile(`(?:VERSION=|Version=| -version )` + number),
	regexp.MustCompile(`build_info\{.*\bversion="` + number),
	regexp.MustCompile(`(?m)^version: ` + number),
	regexp.MustCompile(`(?m)^appVersion: "` + number),
}

// TestVersionsAgree checks that chart, manifests and documents show the newest version
// of the changelog.
func TestVersionsAgree(t *testing.T) {
	match := newest.FindStringSubmatch(content(t, filepath.Join(root, "CHANGELOG.md")))
	if match == nil {
		t.Fatal("CHANGELOG.md has no version")
	}
	seen := make([]int, len(mentions))
	for _, top := range []string{"CONTRIBUTING.md", "README.md", "README.zh-CN.md", "SECURITY.md", "deploy", "docs"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text := content(t, path)
			for i, mention := range mentions {
				for _, shown := range mention.FindAllStringSubmatch(text, -1) {
					if seen[i]++; shown[1] != match[1] {
						t.Errorf("%s: want %s, as in CHANGELOG.md, have %s", path, match[1], shown[0])
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, mention := range mentions {
		if seen[i] == 0 {
			t.Errorf("nothing matches %s", mention)
		}
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
