package config_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"datahub_exporter/internal/config"
)

var (
	example     = regexp.MustCompile("(?s)```ini\n(.*?)```")
	placeholder = regexp.MustCompile(`<[^>]*>`)
)

// The examples in the documents are accepted once their placeholders are filled in.
func TestExamplesOfTheDocumentsAreAccepted(t *testing.T) {
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, "../../README.md", "../../README.zh-CN.md") {
		least := map[string]int{"../../docs/configuration.md": 6, "../../README.md": 1, "../../README.zh-CN.md": 1}[path]
		examples := example.FindAllStringSubmatch(read(t, path), -1)
		if len(examples) < least {
			t.Errorf("%s: want %d examples at least, have %d", path, least, len(examples))
		}
		for _, example := range examples {
			text := placeholder.ReplaceAllString(example[1], "AKIDhush")
			if !strings.Contains(text, "region") { // an example of one section only
				text += plain
			}
			if _, err := config.Load(t.Context(), write(t, text, 0o600)); err != nil {
				t.Errorf("%s: %v in:\n%s", path, err, text)
			}
		}
	}
}
