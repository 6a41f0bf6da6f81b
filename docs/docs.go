// Package docs carries the documents of the exporter, so that its page can link
// to those of its own version.
package docs

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
)

// Files are the documents: the English ones, and those of each other language in a
// folder of its own.
//
//go:embed *.md zh-CN/*.md
var Files embed.FS

// In returns the paths in Files of the documents for readers of a language, such as
// zh-CN: each in this language if it exists, else in English.
func In(language string) ([]string, error) {
	paths, err := fs.Glob(Files, "*.md")
	if err != nil {
		return nil, fmt.Errorf("list the documents: %w", err)
	}
	for i, english := range paths {
		if translated := path.Join(language, english); exists(translated) {
			paths[i] = translated
		}
	}
	return paths, nil
}

func exists(path string) bool {
	_, err := fs.Stat(Files, path)
	return err == nil
}
