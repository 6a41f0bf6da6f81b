package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"datahub_exporter/internal/files"
)

const (
	// maxSize is the size in bytes above which a file was surely named by mistake:
	// a thousand accounts take a tenth of it.
	maxSize = 1 << 20

	byteOrderMark = "\uFEFF"
)

// readText returns the text of the file, without a byte order mark, and warnings
// about its mode.
func readText(ctx context.Context, path string) (text string, warnings []string, err error) {
	content, info, err := files.Read(ctx, path, maxSize)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", nil, fmt.Errorf("%w; let the user that runs the exporter own the file", err)
	case err != nil:
		return "", nil, err
	}
	text, err = decode(content)
	return text, modeWarnings(path, info), err
}

// decode returns an error for what is not text. UTF-16 without a byte order mark is
// valid UTF-8, but has zero bytes.
func decode(content []byte) (string, error) {
	if !utf8.Valid(content) || strings.ContainsRune(string(content), 0) {
		return "", errors.New("is not UTF-8 text; save it as UTF-8")
	}
	return strings.TrimPrefix(string(content), byteOrderMark), nil
}
