package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// newcomer follows the README on a new machine: an empty home directory, and a
// simulated cloud instead of the real one.
type newcomer struct {
	home    string
	address string // of the running exporter
	printed string // by the last command
	ran     map[string]bool
}

// Following the README line by line gives the results that it shows. Both languages
// have the same commands, which the tests of the docs check.
func TestREADME(t *testing.T) {
	t.Parallel()
	newcomer := &newcomer{home: t.TempDir(), ran: map[string]bool{}}
	for _, snippet := range snippetsOf(t, "README.md") {
		switch snippet.language {
		case "":
			newcomer.follow(t, snippet.text)
		case "ini":
			newcomer.writeFile(t, snippet.text)
		}
	}
	for _, command := range []string{"go run main.go --demo", "curl", "go build", "go test", "./datahub_exporter --check", "./datahub_exporter", "go run ./deploy/demo"} {
		if !newcomer.ran[command] {
			t.Errorf("the README has no more %q", command)
		}
	}
}

// follow runs the commands in a block, or compares it with the output of the last
// one.
func (n *newcomer) follow(t *testing.T, block string) {
	t.Helper()
	if strings.HasPrefix(block, "…") {
		n.compare(t, block)
		return
	}
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		for command, run := range map[string]func(*testing.T, string){
			"go run main.go --demo": n.demo, "curl": n.curl, "go build": build, "go test": suite,
			"./datahub_exporter --check": n.check, "./datahub_exporter": n.serve,
			"go run ./deploy/demo": documentedDemo,
		} {
			if n.takes(command, line) {
				n.ran[command] = true
				run(t, line)
				line = ""
				break
			}
		}
		if line != "" {
			t.Errorf("no test runs %q of the README", line)
		}
	}
}

// takes reports whether a line runs the command, which variables may precede.
func (n *newcomer) takes(command, line string) bool {
	bare := regexp.MustCompile(`^([A-Z_]+=\S+ )+`).ReplaceAllString(line, "")
	return bare == command || strings.HasPrefix(bare, command+" ") && command != "./datahub_exporter"
}

// demo starts the demo with the built binary instead of "go run".
func (n *newcomer) demo(t *testing.T, line string) {
	args := strings.Fields(strings.TrimPrefix(line, "go run main.go"))
	exporter := start(t, []string{"HOME=" + n.home}, exporterBinary, append(args, "--web.listen-address=127.0.0.1:0")...)
	n.address = exporter.await(t, `msg="Listening on" address=(\S+)`)
}

func (n *newcomer) curl(t *testing.T, line string) {
	body, err := fetch(t.Context(), strings.Replace(strings.TrimPrefix(line, "curl "), "127.0.0.1:48080", n.address, 1))
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
	n.printed = string(body)
}

// compare looks for each line of the shown output. The demo's values change by the
// minute, so the values of items are not compared.
func (n *newcomer) compare(t *testing.T, shown string) {
	for line := range strings.Lines(shown) {
		if series, _, is := strings.Cut(line, "} "); is {
			line = series + "} "
		}
		if line != "…\n" && !strings.Contains(n.printed, line) {
			t.Errorf("the README shows %q, have:\n%s", line, n.printed)
		}
	}
}

// writeFile writes the configuration, filled in for the simulated cloud.
func (n *newcomer) writeFile(t *testing.T, text string) {
	cloud := startCloud(t, task(1))
	endpoint := regexp.MustCompile(`endpoint = \S+`).FindString(readFile(t, cloud.conf))
	filled := strings.NewReplacer("<your SecretId>", "AKIDtest", "<your SecretKey>", "key").Replace(text) + endpoint + "\n"
	if err := os.WriteFile(filepath.Join(n.home, ".datahub_exporter.conf"), []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (n *newcomer) check(t *testing.T, line string) {
	check := exec.CommandContext(t.Context(), exporterBinary, strings.Fields(line)[1:]...)
	check.Env = append(os.Environ(), "HOME="+n.home)
	out, err := check.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "All 2 checks passed.") {
		t.Errorf("%s: %v:\n%s", line, err, out)
	}
}

func (n *newcomer) serve(t *testing.T, line string) {
	exporter := start(t, []string{"HOME=" + n.home}, exporterBinary, append(strings.Fields(line)[1:], "--web.listen-address=127.0.0.1:0")...)
	n.address = exporter.await(t, `msg="Listening on" address=(\S+)`)
	n.curl(t, "curl http://127.0.0.1:48080"+tasksPath)
	if want := `datahub_task_status{TaskId="task-0001",TaskName="orders-0001",region="ap-guangzhou"} 1`; !strings.Contains(n.printed, want) {
		t.Errorf("%s: want %s, have:\n%s", line, want, n.printed)
	}
}

// build and suite check commands that .ci/run runs: it builds into another folder,
// and its test command is in the README.
func build(t *testing.T, line string) {
	if elsewhere := strings.Replace(line, "-o datahub_exporter", `-o "$out/datahub_exporter"`, 1); !strings.Contains(readFile(t, shipped(t, ".ci/run")), "\n"+elsewhere+"\n") {
		t.Errorf("%s: .ci/run does not build so", line)
	}
}

func suite(t *testing.T, line string) {
	if line != "go test ./..." {
		t.Errorf("%s: want the tests of all packages", line)
	}
}

// documentedDemo checks a command that the tests of the demo run.
func documentedDemo(t *testing.T, line string) {
	command, _, _ := strings.Cut(line, "#")
	if !slices.Contains(demoCommands, strings.TrimSpace(command)) {
		t.Errorf("%s: no test of the demo runs this", line)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
