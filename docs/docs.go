// Package docs carries the documents of the exporter, so that its page can link
// to those of its own version.
package docs

import "embed"

// Files are the documents.
//
//go:embed *.md
var Files embed.FS
