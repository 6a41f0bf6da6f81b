package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"datahub_exporter/internal/secret"
)

const (
	// maxSize caps the file in bytes. A larger one is almost certainly the wrong file: a
	// thousand accounts take a tenth of it.
	maxSize = 1 << 20

	byteOrderMark = "\uFEFF"
)

// readText returns the text of the file, without a byte order mark.
func readText(ctx context.Context, path string) (string, error) {
	content, err := secret.ReadFile(ctx, path, maxSize)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("%w; make the user that runs the exporter the owner of the file, and keep it out of /home and /root, which systemd may hide", err)
	case err != nil:
		return "", err
	}
	return decode(content)
}

// decode returns an error for what is not text. UTF-16 without a byte order mark is
// valid UTF-8, but has zero bytes.
func decode(content []byte) (string, error) {
	if !utf8.Valid(content) || strings.ContainsRune(string(content), 0) {
		return "", errors.New("is not UTF-8 text; save it as UTF-8")
	}
	return strings.TrimPrefix(string(content), byteOrderMark), nil
}
