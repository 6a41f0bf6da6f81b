package credential_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"datahub_exporter/internal/credential"
)

// manual is a clock set by the test.
type manual struct {
	mu  sync.Mutex
	now time.Time
}

func (m *manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *manual) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// inFiles returns the renewer for the files of a credential in a directory.
func inFiles(t *testing.T, directory string) (*credential.Renewer, *manual) {
	t.Helper()
	clock := &manual{now: time.Now()}
	renewer := credential.New(credential.Options{
		SecretIDFile: filepath.Join(directory, "id"), SecretKeyFile: filepath.Join(directory, "key"),
		TokenFile: filepath.Join(directory, "token"),
	}, credential.Host{Now: clock.Now})
	t.Cleanup(renewer.Close)
	return renewer, clock
}

// held returns what a renewer hands out, as one text.
func held(t *testing.T, renewer *credential.Renewer) string {
	t.Helper()
	values, err := renewer.Get(t.Context())
	if err != nil {
		return err.Error()
	}
	return values.ID.Reveal() + " " + values.Key.Reveal() + " " + values.Token.Reveal()
}

func putAll(t *testing.T, directory, generation string) {
	t.Helper()
	for _, name := range []string{"id", "key", "token"} {
		put(t, filepath.Join(directory, name), name+generation+"\n")
	}
}

// Files are read again after they were replaced as Kubernetes and vaults do it: by
// a link to another directory, by new files with the same names, or in place, one
// after the other.
func TestFilesAreReadAgain(t *testing.T) {
	directory := t.TempDir()
	replace := func(name, content string) {
		put(t, filepath.Join(directory, name+".new"), content)
		if err := os.Rename(filepath.Join(directory, name+".new"), filepath.Join(directory, name)); err != nil {
			t.Fatal(err)
		}
	}
	link := func(name, target string) {
		if err := os.Symlink(target, filepath.Join(directory, name+".new")); err != nil {
			t.Skipf("no links here: %v", err)
		}
		if err := os.Rename(filepath.Join(directory, name+".new"), filepath.Join(directory, name)); err != nil {
			t.Fatal(err)
		}
	}
	putAll(t, directory, "1")
	renewer, clock := inFiles(t, directory)
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"as they were", func() {}, "id1 key1 token1"},
		{"in place", func() { putAll(t, directory, "2") }, "id2 key2 token2"},
		{"by rename, the first", func() { replace("id", "id3") }, "id3 key2 token2"},
		{"by rename, the others", func() { replace("key", "key3"); replace("token", "\uFEFF token3 \r\n") }, "id3 key3 token3"},
		{"links", func() {
			putAll(t, filepath.Join(directory, "..4"), "4")
			link("..data", "..4")
			for _, name := range []string{"id", "key", "token"} {
				link(name, filepath.Join("..data", name))
			}
		}, "id4 key4 token4"},
		{"another target of a link", func() {
			putAll(t, filepath.Join(directory, "..5"), "5")
			link("..data", "..5")
		}, "id5 key5 token5"},
		// What was read before is still used.
		{"gone for a moment", func() { link("..data", "..6") }, "id5 key5 token5"},
		{"back", func() { putAll(t, filepath.Join(directory, "..6"), "6") }, "id6 key6 token6"},
	} {
		step.do()
		clock.pass(time.Second)
		if have := held(t, renewer); have != step.want {
			t.Errorf("%s: want %s, have %s", step.name, step.want, have)
		}
	}
	if have := renewer.Redactor().Redact("of SecretKeyThatIsLong, of key6"); have != "of SecretKeyThatIsLong, of key6" {
		t.Errorf("have %s", have)
	}
}

// Files that are swapped while they are read never give a pair of two generations.
func TestFilesOfTwoGenerationsMakeNoPair(t *testing.T) {
	directory := t.TempDir()
	for _, generation := range []string{"0", "1"} {
		putAll(t, filepath.Join(directory, generation), generation)
	}
	data := filepath.Join(directory, "data")
	if err := os.Symlink("0", data); err != nil {
		t.Skipf("no links here: %v", err)
	}
	renewer, clock := inFiles(t, data)
	for i := range 500 {
		var swapped sync.WaitGroup
		swapped.Go(func() {
			_ = os.Symlink(strconv.Itoa((i+1)%2), data+".new")
			_ = os.Rename(data+".new", data)
		})
		switch have := held(t, renewer); have {
		case "id0 key0 token0", "id1 key1 token1":
		default:
			t.Errorf("have %s", have)
		}
		swapped.Wait()
		clock.pass(time.Second)
	}
}

func TestFilesThatHoldNoCredential(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"empty":      {" \n", "is empty; write the value into it"},
		"two values": {"hush\nhash", "has a space, a quote or a character that no credential has; write the bare value"},
		"binary":     {"hush\x00", "has a space, a quote or a character that no credential has; write the bare value"},
		"quoted":     {`"hush"`, "has a space, a quote or a character that no credential has; write the bare value"},
		"sample":     {"<your SecretKey>", "is a placeholder; write the real value"},
		"too long":   {strings.Repeat("hush", 20<<10), "is larger than 64 KiB; name the right file"},
	} {
		directory := t.TempDir()
		putAll(t, directory, "1")
		path := filepath.Join(directory, "key")
		put(t, path, test.content)
		renewer, _ := inFiles(t, directory)
		if have := held(t, renewer); have != "secret_key_file "+path+": "+test.want {
			t.Errorf("%s: want %s\nhave %s", name, test.want, have)
		}
	}
}
