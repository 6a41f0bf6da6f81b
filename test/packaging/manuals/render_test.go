package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cli"
)

const shipped = "../../../deploy/manuals"

func TestManualsAreFresh(t *testing.T) {
	made, err := render()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range made {
		have, err := os.ReadFile(filepath.Join(shipped, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(have)); diff != "" {
			t.Errorf("%s (-want +have); renew it with: go run ./manuals\n%s", name, diff)
		}
		for _, flag := range cli.Flags() {
			if text := strings.ReplaceAll(string(have), `\-`, "-"); !strings.Contains(text, flag.Name) {
				t.Errorf("%s lacks --%s", name, flag.Name)
			}
		}
	}
}

// The flags accept the words that the shells offer, and refuse others.
func TestWordsAreTaken(t *testing.T) {
	for _, flag := range cli.Flags() {
		offered := strings.Fields(words(flag))
		for _, word := range offered {
			if _, err := cli.Parse([]string{"--check", "--" + flag.Name + "=" + word}, io.Discard); err != nil {
				t.Errorf("--%s=%s: %v", flag.Name, word, err)
			}
		}
		if len(offered) == 0 {
			continue
		}
		if _, err := cli.Parse([]string{"--check", "--otlp.endpoint=http://127.0.0.1:9", "--" + flag.Name + "=nonsense"}, io.Discard); err == nil {
			t.Errorf("--%s: want nonsense to be refused", flag.Name)
		}
	}
}

// program returns the path of a program, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s here: %v", name, err)
	}
	return path
}

// mandoc warns about everything that some man page reader displays incorrectly.
func TestManualPageIsClean(t *testing.T) {
	// The page has no date, so that it changes only with the flags.
	out, err := exec.Command(program(t, "mandoc"), "-T", "lint", "-W", "warning", filepath.Join(shipped, "datahub_exporter.1")).CombinedOutput()
	have := strings.TrimSpace(string(out))
	if lines := strings.Count(have, "\n"); lines > 0 || (have != "" && !strings.Contains(have, "missing date")) {
		t.Errorf("want no warning but that of the missing date, have %v:\n%s", err, have)
	}
}

func TestBashCompletes(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"datahub_exporter --ckafka.q", "--ckafka.qps"},
		{"datahub_exporter --demo --log.l", "--log.level"},
		{"datahub_exporter --log.format=j", "json"},
		{"datahub_exporter --log.format ", "logfmt json"},
		{"datahub_exporter --otlp.endpoint ", ""},
		{"datahub_exporter --conf=/etc/hostn", "/etc/hostname"},
	} {
		t.Run(test.line, func(t *testing.T) {
			// Like readline: words end at spaces and at "=", which is a word
			// itself.
			words := strings.Fields(strings.ReplaceAll(test.line, "=", " = "))
			if strings.HasSuffix(test.line, " ") {
				words = append(words, "''")
			}
			script := fmt.Sprintf("source %s/datahub_exporter.bash; compopt() { :; }; COMP_WORDS=(%s); COMP_CWORD=%d; _datahub_exporter; echo \"${COMPREPLY[*]}\"",
				shipped, strings.Join(words, " "), len(words)-1)
			out, err := exec.Command(program(t, "bash"), "-euc", script).CombinedOutput()
			if have := strings.TrimSpace(string(out)); err != nil || have != test.want {
				t.Errorf("want %q, have %q (%v)", test.want, have, err)
			}
		})
	}
}

// The other shells can parse their files.
func TestShellsReadCompletions(t *testing.T) {
	for shell, command := range map[string][]string{
		"zsh":  {"-n", filepath.Join(shipped, "datahub_exporter.zsh")},
		"fish": {"--no-execute", filepath.Join(shipped, "datahub_exporter.fish")},
	} {
		t.Run(shell, func(t *testing.T) {
			if out, err := exec.Command(program(t, shell), command...).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("want no complaint, have %v:\n%s", err, out)
			}
		})
	}
}

// fish also lists its completions, from the file alone.
func TestFishCompletes(t *testing.T) {
	script := fmt.Sprintf("source %s/datahub_exporter.fish; complete -C 'datahub_exporter --log.format '", shipped)
	out, err := exec.Command(program(t, "fish"), "--no-config", "-c", script).CombinedOutput()
	if have := strings.Join(strings.Fields(string(out)), " "); err != nil || !strings.Contains(have, "json") || !strings.Contains(have, "logfmt") {
		t.Errorf("want json and logfmt, have %q (%v)", have, err)
	}
}
