package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/config"
)

const plain = "[common]\nsecret_id = AKIDhush\nsecret_key = hushhush\nregion = ap-guangzhou\n"

func write(t *testing.T, text string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "exporter.conf")
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return path
}

func TestLoadReadsTextOfWindows(t *testing.T) {
	windows := strings.ReplaceAll(plain, "\n", "\r\n")
	for name, text := range map[string]string{
		"byte order mark":          "\uFEFF" + plain,
		"carriage returns":         windows,
		"both":                     "\uFEFF" + windows,
		"no line break at the end": strings.TrimSuffix(plain, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			have, err := config.Load(t.Context(), write(t, text, 0o600))
			if err != nil {
				t.Fatal(err)
			}
			want := account("AKIDhush", "hushhush", "", have.Accounts[0].Endpoint, "ap-guangzhou")
			if diff := cmp.Diff(want, have.Accounts); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}

func TestLoadWarnsOfMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing on Windows")
	}
	for mode, shown := range map[fs.FileMode]string{0o600: "", 0o400: "", 0o644: "0644", 0o640: "0640", 0o604: "0604"} {
		path := write(t, plain, mode)
		have, err := config.Load(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if shown != "" {
			want = []string{"configuration " + path + " holds credentials and has mode " + shown +
				", so others can read it; run chmod 600 " + path + ", or, if Kubernetes mounts it, set defaultMode: 0400 for the volume"}
		}
		if diff := cmp.Diff(want, have.Warnings); diff != "" {
			t.Errorf("%04o (-want +have)\n%s", mode, diff)
		}
	}
}

// A file without a secret, such as one from a ConfigMap, may be readable by all.
func TestLoadWarnsOfTheModeOfSecretsOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing on Windows")
	}
	const region = "[common]\nregion = ap-guangzhou\n"
	const files = "secret_id_file = /run/id\nsecret_key_file = /run/key\n"
	for text, want := range map[string]int{
		region: 0, region + files: 0, plain: 1, region + "[account.a]\nsecret_id = AKIDhush\nsecret_key = hushhush\n": 1,
		region + "[otlp]\nheaders = authorization=hush\n": 1,
	} {
		have, err := config.Load(t.Context(), write(t, text, 0o644))
		if err != nil {
			t.Fatal(err)
		}
		if len(have.Warnings) != want {
			t.Errorf("want %d warnings, have %q of:\n%s", want, have.Warnings, text)
		}
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	directory := t.TempDir()
	for path, want := range map[string]string{
		directory: "is a directory; name the file in it",
		write(t, plain+strings.Repeat("#", 1<<20), 0o600): "is larger than 1 MiB; name the right file",
		filepath.Join(directory, "none"):                  "no such file or directory",
		"/dev/zero":                                       "is a device or a socket; name a regular file",
	} {
		_, err := config.Load(t.Context(), path)
		if err == nil {
			t.Errorf("%s: no error", path)
			continue
		}
		if diff := cmp.Diff("read configuration "+path+": "+want, err.Error()); diff != "" {
			t.Errorf("(-want +have)\n%s", diff)
		}
	}
	if _, err := config.Load(t.Context(), write(t, plain+strings.Repeat("#", 1<<20-len(plain)), 0o600)); err != nil {
		t.Errorf("1 MiB: %v", err)
	}
}

func TestLoadReportsMissingFile(t *testing.T) {
	if _, err := config.Load(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("have %v", err)
	}
}

func TestLoadWarnsOfAmbiguousComments(t *testing.T) {
	const warning = "contains # or ; without a space before it, which makes it part of the value; " +
		"put a space before it if a comment begins there, or quotes around the value otherwise"
	tests := map[string]struct {
		id, key, rest string
		want          []string // the keys that the warnings name
	}{
		"none":                                   {"AKIDhush", "hush", "", nil},
		"a comment":                              {"AKIDhush # note", "hush ; note", "", nil},
		"a comment with a # in it":               {"AKIDhush", "hush # note#1;2", "", nil},
		"a note without a space after the key":   {"AKIDhush", "hush#note", "", []string{"secret_key"}},
		"a note without a space after both":      {"AKIDhush;note", "hush#note # note", "", []string{"secret_id", "secret_key"}},
		"a # in quotes":                          {"AKIDhush", `"hush#hush"`, "", nil},
		"a # in single quotes":                   {"AKIDhush", `'hush;hush' # note`, "", nil},
		"a note without a space after the token": {"AKIDhush", "hush", "token = hush;note\n", []string{"token"}},
		"a note and no token":                    {"AKIDhush", "hush", "token = # note\n", nil},
		"a header, which may hold one":           {"AKIDhush", "hush", "[otlp]\nendpoint = http://h\nheaders = a=hush#hush\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, "[common]\nregion = ap-guangzhou\nsecret_id = "+test.id+"\nsecret_key = "+test.key+"\n"+test.rest, 0o600)
			have, err := config.Load(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, key := range test.want {
				want = append(want, "configuration "+path+": section [common], key "+key+": "+warning)
			}
			if diff := cmp.Diff(want, have.Warnings); diff != "" {
				t.Errorf("(-want +have)\n%s", diff)
			}
		})
	}
}
