package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"
)

const (
	// maxSize is the size in bytes above which a file was surely named by
	// mistake: a thousand accounts take a tenth of it.
	maxSize = 1 << 20

	byteOrderMark = "\uFEFF"
)

// readText returns the text of the file, without a byte order mark, and the
// warnings that its mode deserves.
func readText(path string) (text string, warnings []string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", nil, withoutPath(err)
	}
	defer file.Close() // nothing was written, so nothing can be lost

	info, err := file.Stat()
	if err != nil {
		return "", nil, withoutPath(err)
	}
	if info.IsDir() {
		return "", nil, errors.New("is a directory; name the file in it")
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return "", nil, withoutPath(err)
	}
	text, err = decode(content)
	return text, modeWarnings(path, info.Mode()), err
}

// withoutPath takes off what Load says already, and adds what to do.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; let the user that runs the exporter own the file", err)
	}
	return err
}

// decode refuses what is no text. UTF-16 without a byte order mark is valid
// UTF-8, but has zero bytes.
func decode(content []byte) (string, error) {
	switch {
	case len(content) > maxSize:
		return "", errors.New("is larger than 1 MiB; name the exporter's own configuration file")
	case !utf8.Valid(content) || strings.ContainsRune(string(content), 0):
		return "", errors.New("is not UTF-8 text; save it as UTF-8")
	}
	return strings.TrimPrefix(string(content), byteOrderMark), nil
}

// modeWarnings looks at regular files only: the mode of a pipe says nothing,
// and neither does any mode on Windows.
func modeWarnings(path string, mode fs.FileMode) []string {
	if runtime.GOOS == "windows" || !mode.IsRegular() || mode.Perm()&0o077 == 0 {
		return nil
	}
	return []string{fmt.Sprintf("configuration %s holds credentials and has mode %04o, which lets others at it; run chmod 600 %s",
		path, mode.Perm(), path)}
}
