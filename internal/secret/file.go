package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// readTimeout is how long a file may take. A regular file takes milliseconds, and a
// program that is started with a pipe usually gets its data at once.
const readTimeout = 5 * time.Second

// ReadFile returns the content of a file that holds secrets or configuration: a
// regular file or a pipe of at most limit bytes. It gives up after 5 s, and on a pipe,
// which may have no writer, also when ctx ends.
//
// The error does not repeat the path. It is fs.ErrNotExist or fs.ErrPermission if
// that is the reason, and the cause of ctx if ctx has ended.
func ReadFile(ctx context.Context, path string, limit int) ([]byte, error) {
	return readWithin(ctx, readTimeout, path, limit)
}

func readWithin(ctx context.Context, timeout time.Duration, path string, limit int) ([]byte, error) {
	mode, err := fileMode(path)
	if err != nil {
		return nil, err
	}
	if mode.IsRegular() {
		// It takes milliseconds, and what is wrong in it is worth reporting even if
		// the process is about to end.
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout,
		fmt.Errorf("was not read within %v; name a regular file, or fill the pipe and close it", timeout))
	defer cancel()
	type result struct {
		content []byte
		err     error
	}
	done := make(chan result, 1)
	go func() { // nothing else can abandon a system call
		content, err := read(path, limit)
		done <- result{content, err}
	}()
	select {
	case result := <-done:
		return result.content, result.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ReadRegularFile is like ReadFile for a file that is read more than once, which is
// impossible for a pipe. It has no time limit: it returns once the disk has
// responded.
func ReadRegularFile(path string, limit int) ([]byte, error) {
	mode, err := fileMode(path)
	if err == nil && !mode.IsRegular() {
		err = errors.New("is a pipe, which can be read only once; name a regular file")
	}
	if err != nil {
		return nil, err
	}
	return read(path, limit)
}

// fileMode returns the mode of a regular file or a pipe, and an error for what is
// neither: it may never end.
func fileMode(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, withoutPath(err)
	}
	switch mode := info.Mode(); {
	case mode.IsRegular(), mode&fs.ModeNamedPipe != 0:
		return mode, nil
	case mode.IsDir():
		return 0, errors.New("is a directory; name the file in it")
	}
	return 0, errors.New("is a device or a socket; name a regular file")
}

func read(path string, limit int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close() // nothing was written, so nothing can be lost
	content, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	switch {
	case err != nil:
		return nil, withoutPath(err)
	case len(content) > limit:
		return nil, fmt.Errorf("is larger than %s; name the right file", size(limit))
	}
	return content, nil
}

func size(bytes int) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
