//go:build unix

package secret_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"datahub_exporter/internal/secret"
)

// limit is the limit of all reads here.
const limit = 1 << 20

func regular(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "regular")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// filledPipe creates a pipe to which content is written once somebody reads it.
func filledPipe(t *testing.T, content string) string {
	t.Helper()
	path, ended := pipe(t), make(chan struct{})
	go func() {
		defer close(ended)
		_ = os.WriteFile(path, []byte(content), 0o600) // the reader stops at the limit
	}()
	t.Cleanup(func() { <-ended })
	return path
}

func link(t *testing.T, target string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func socket(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return path
}

func TestReadFile(t *testing.T) {
	full := strings.Repeat("x", limit)
	for name, test := range map[string]struct{ path, want, err string }{
		"a regular file":       {path: regular(t, "text"), want: "text"},
		"an empty one":         {path: regular(t, "")},
		"a link to one":        {path: link(t, regular(t, "text")), want: "text"},
		"just small enough":    {path: regular(t, full), want: full},
		"too large":            {path: regular(t, full+"x"), err: "is larger than 1 MiB; name the right file"},
		"a pipe":               {path: filledPipe(t, "text"), want: "text"},
		"a pipe with much":     {path: filledPipe(t, full), want: full},
		"a pipe with too much": {path: filledPipe(t, full+full), err: "is larger than 1 MiB; name the right file"},
		"a directory":          {path: t.TempDir(), err: "is a directory; name the file in it"},
		"a device":             {path: "/dev/zero", err: "is a device or a socket; name a regular file"},
		"a socket":             {path: socket(t), err: "is a device or a socket; name a regular file"},
		"nothing":              {path: "/nowhere/file", err: "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			have, err := secret.ReadFile(t.Context(), test.path, limit)
			requireRead(t, have, err, test.want, test.err)
		})
	}
}

func requireRead(t *testing.T, have []byte, err error, want, wantErr string) {
	t.Helper()
	switch {
	case wantErr != "" && (err == nil || err.Error() != wantErr):
		t.Errorf("want %q, have %v", wantErr, err)
	case wantErr == "" && (err != nil || string(have) != want):
		t.Errorf("want %d bytes, have %d and %v", len(want), len(have), err)
	}
}

func TestReadRegularFileTakesNoPipe(t *testing.T) {
	have, err := secret.ReadRegularFile(regular(t, "text"), limit)
	requireRead(t, have, err, "text", "")
	have, err = secret.ReadRegularFile(pipe(t), limit)
	requireRead(t, have, err, "", "is a pipe, which can be read only once; name a regular file")
}

func TestReadFileReportsMissingFiles(t *testing.T) {
	if _, err := secret.ReadFile(t.Context(), "/nowhere/file", limit); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("want fs.ErrNotExist, have %v", err)
	}
}

// A pipe is given up when the context ends, whether or not it has a writer.
func TestReadFileEndsWithItsContext(t *testing.T) {
	silent, open := pipe(t), pipe(t)
	writer, err := os.OpenFile(open, os.O_RDWR, 0) // does not wait for a reader
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { writer.Close() })
	stopping := errors.New("the process is to end")
	for name, path := range map[string]string{"without a writer": silent, "whose writer stays": open} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(stopping)
		if _, err := secret.ReadFile(ctx, path, limit); !errors.Is(err, stopping) {
			t.Errorf("%s: want %v, have %v", name, stopping, err)
		}
	}
}

// A pipe that nobody writes to does not block the start for ever.
func TestReadFileHasADeadline(t *testing.T) {
	_, err := secret.ReadWithin(t.Context(), 50*time.Millisecond, pipe(t), limit)
	requireRead(t, nil, err, "", "was not read within 50ms; name a regular file, or fill the pipe and close it")
}
