//go:build unix

package files

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

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// silentPipe creates a pipe that nobody writes to.
func silentPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pipe creates a pipe that write writes to once somebody reads it. The test must
// read it.
func pipe(t *testing.T, write func(*os.File)) string {
	t.Helper()
	path, ended := silentPipe(t), make(chan struct{})
	go func() {
		defer close(ended)
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer file.Close()
		write(file)
	}()
	t.Cleanup(func() { <-ended })
	return path
}

// endlessPipe creates a pipe with some text, whose writer never closes it.
func endlessPipe(t *testing.T) string {
	t.Helper()
	path := silentPipe(t)
	file, err := os.OpenFile(path, os.O_RDWR, 0) // does not block
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	say("text")(file)
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

func link(t *testing.T, to string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func say(text string) func(*os.File) {
	return func(file *os.File) { _, _ = file.WriteString(text) }
}

// sayOn writes until nobody reads any more.
func sayOn(file *os.File) {
	for err := error(nil); err == nil; {
		_, err = file.Write(make([]byte, 4096))
	}
}

func TestRead(t *testing.T) {
	full := strings.Repeat("x", limit)
	tests := map[string]struct {
		path string
		want string // the content
		err  string // or what the error contains
	}{
		"a regular file":        {path: regular(t, "text"), want: "text"},
		"an empty one":          {path: regular(t, "")},
		"a link to one":         {path: link(t, regular(t, "text")), want: "text"},
		"just small enough":     {path: regular(t, full), want: full},
		"too large":             {path: regular(t, full+"x"), err: "is larger than 1 MiB; name the right file"},
		"a pipe":                {path: pipe(t, say("text")), want: "text"},
		"a pipe with much":      {path: pipe(t, say(full)), want: full},
		"a pipe without an end": {path: pipe(t, sayOn), err: "is larger than 1 MiB; name the right file"},
		"a directory":           {path: t.TempDir(), err: "is a directory; name the file in it"},
		"a device":              {path: "/dev/zero", err: "is a device or a socket; name a regular file"},
		"a socket":              {path: socket(t), err: syscall.ENXIO.Error()},
		"nothing":               {path: "/nowhere/file", err: syscall.ENOENT.Error()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			have, info, err := Read(t.Context(), test.path, limit)
			if test.err != "" {
				requireError(t, err, test.err, test.path)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(have) != test.want {
				t.Errorf("want %d bytes, have %d", len(test.want), len(have))
			}
			if perm := info.Mode().Perm(); perm != 0o600 {
				t.Errorf("mode: want 0600, have %04o", perm)
			}
		})
	}
}

func requireError(t *testing.T, err error, want, path string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("want %q, have %v", want, err)
	}
	if err != nil && strings.Contains(err.Error(), path) {
		t.Errorf("the caller says the path: %v", err)
	}
}

func TestReadTellsWhatThereIsNot(t *testing.T) {
	if _, _, err := Read(t.Context(), "/nowhere/file", limit); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("want fs.ErrNotExist, have %v", err)
	}
}

func TestReadRegularTakesNoPipe(t *testing.T) {
	if have, _, err := ReadRegular(t.Context(), regular(t, "text"), limit); string(have) != "text" {
		t.Errorf("a regular file: want text, have %q and %v", have, err)
	}
	path := silentPipe(t)
	_, _, err := ReadRegular(t.Context(), path, limit)
	requireError(t, err, "is a pipe, which can be read only once; name a regular file", path)
}

// kmsg claims to be a regular file, but a read waits for the kernel's next message.
const kmsg = "/proc/kmsg"

// waiting returns the path of each kind of file whose reads wait.
func waiting(t *testing.T) map[string]string {
	t.Helper()
	paths := map[string]string{"a pipe whose writer stays": endlessPipe(t), "a pipe without a writer": silentPipe(t)}
	if file, err := os.OpenFile(kmsg, os.O_RDONLY|nonblocking, 0); err == nil {
		file.Close()
		paths[kmsg] = kmsg
	}
	return paths
}

func TestReadEndsWithItsContext(t *testing.T) {
	const small = 4 << 20 // more than there is
	why := errors.New("the process is to end")
	for name, path := range waiting(t) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer time.AfterFunc(50*time.Millisecond, func() { cancel(why) }).Stop()
			if _, _, err := Read(ctx, path, small); !errors.Is(err, why) {
				t.Errorf("want %v, have %v", why, err)
			}
		})
	}
}

func TestReadHasADeadline(t *testing.T) {
	for name, path := range waiting(t) {
		t.Run(name, func(t *testing.T) {
			_, _, err := reading{path: path, limit: 4 << 20, pipes: true}.within(t.Context(), 50*time.Millisecond)
			requireError(t, err, "did not end within 50ms; name a regular file, or fill the pipe and close it", path)
		})
	}
}

// A file that needs no waiting is read even if the process is about to end, so that
// mistakes in it are reported.
func TestReadOfWhatIsThereNeedsNoTime(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	if have, _, err := Read(ended, regular(t, "text"), limit); string(have) != "text" {
		t.Errorf("want text, have %q and %v", have, err)
	}
}
