package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

const (
	// patience is how long a file may take. A regular file takes milliseconds, and
	// a program that is started with a pipe usually gets its data at once.
	patience = 5 * time.Second
	// farewell is how long to wait for a read that was told to end. The read of a
	// pipe ends at once; that of a disk that does not respond may never end.
	farewell = time.Second
	// pollInterval is how often to try a pipe again that nobody has opened for
	// writing yet: until then, the kernel reports its end.
	pollInterval = 20 * time.Millisecond
)

// Read returns the content of a regular file or a pipe, and its FileInfo. It takes
// at most 5 s. When ctx ends, it gives up a pipe at once, and a regular file after
// a second.
//
// The error does not repeat the path. It is fs.ErrNotExist or fs.ErrPermission if
// that is the reason, and the cause of ctx if ctx has ended.
func Read(ctx context.Context, path string, limit int) ([]byte, fs.FileInfo, error) {
	return reading{path: path, limit: limit, pipes: true}.within(ctx, patience)
}

// ReadRegular is like Read for a file that will be read again, which is impossible
// for a pipe.
func ReadRegular(ctx context.Context, path string, limit int) ([]byte, fs.FileInfo, error) {
	return reading{path: path, limit: limit}.within(ctx, patience)
}

// ReadRegularBlocking is like ReadRegular without a time limit: it returns once the
// disk has responded. It is for a caller that reads repeatedly and must not have
// several reads wait for one disk.
func ReadRegularBlocking(ctx context.Context, path string, limit int) ([]byte, fs.FileInfo, error) {
	result := reading{path: path, limit: limit}.read(ctx)
	return result.content, result.info, result.err
}

// reading describes what to read.
type reading struct {
	path  string
	limit int  // in bytes
	pipes bool // may be read as well
}

type result struct {
	content []byte
	info    fs.FileInfo
	err     error
}

// within reads in a goroutine, because nothing else can abandon a system call that
// waits for a disk.
func (r reading) within(ctx context.Context, patience time.Duration) ([]byte, fs.FileInfo, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("did not end within %v; name a regular file, or fill the pipe and close it", patience))
	defer cancel()
	done := make(chan result, 1)
	go func() { done <- r.read(ctx) }()
	select {
	case result := <-done:
		return result.content, result.info, result.err
	case <-ctx.Done():
	}
	select {
	case result := <-done:
		return result.content, result.info, result.err
	case <-time.After(farewell):
		return nil, nil, context.Cause(ctx)
	}
}

func (r reading) read(ctx context.Context) result {
	file, err := os.OpenFile(r.path, os.O_RDONLY|nonblocking, 0)
	if err != nil {
		return result{err: withoutPath(err)}
	}
	defer file.Close() // nothing was written, so nothing can be lost
	info, err := file.Stat()
	if err == nil {
		err = r.judge(info.Mode())
	}
	if err != nil {
		return result{err: withoutPath(err)}
	}
	// A regular file on a disk takes no deadline. Files in /proc whose reads wait
	// do.
	defer context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Now()) })()
	source := patient{ctx: ctx, file: file, pipe: !info.Mode().IsRegular()}
	content, err := io.ReadAll(io.LimitReader(&source, int64(r.limit)+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return result{err: context.Cause(ctx)}
	case err != nil:
		return result{err: withoutPath(err)}
	case len(content) > r.limit:
		return result{err: fmt.Errorf("is larger than %s; name the right file", size(r.limit))}
	}
	return result{content: content, info: info}
}

// judge returns an error for what is not a file, and for what never ends.
func (r reading) judge(mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return errors.New("is a directory; name the file in it")
	case mode&fs.ModeNamedPipe == 0:
		return errors.New("is a device or a socket; name a regular file")
	case !r.pipes:
		return errors.New("is a pipe, which can be read only once; name a regular file")
	}
	return nil
}

// patient reads a file. It does not mistake a pipe without a writer for an empty
// one.
type patient struct {
	ctx   context.Context
	file  *os.File
	pipe  bool
	begun bool
}

// Read returns when there is something to read, or ctx has ended.
func (p *patient) Read(buffer []byte) (int, error) {
	for {
		count, err := p.file.Read(buffer)
		p.begun = p.begun || count > 0
		if p.begun || !p.pipe || !errors.Is(err, io.EOF) {
			return count, err
		}
		select {
		case <-time.After(pollInterval):
		case <-p.ctx.Done():
			return 0, os.ErrDeadlineExceeded
		}
	}
}

func size(bytes int) string {
	const kibi = 1 << 10
	if bytes%(kibi*kibi) == 0 {
		return fmt.Sprintf("%d MiB", bytes/kibi/kibi)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
