package packaging

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The versions of the snapshots: one to install and one to upgrade to.
const (
	older = "1.0.0"
	newer = "1.0.1"
)

// goTool returns the path of a program that .ci/run builds.
func goTool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../.ci/bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if path, err = exec.LookPath(name); err != nil {
		t.Fatalf("no %s in .ci/bin or the PATH: bash .ci/run builds it", name)
	}
	return path
}

var (
	snapshots     = map[string]string{} // folders by version
	snapshotsLock sync.Mutex
	scratch       string
)

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "datahub_exporter_packaging"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(code)
}

// snapshot makes a goreleaser release of a version, for Linux on this machine's
// architecture only, because compiling for the other five platforms takes minutes.
// It returns the folder.
func snapshot(t *testing.T, version string) string {
	t.Helper()
	snapshotsLock.Lock()
	defer snapshotsLock.Unlock()
	if folder := snapshots[version]; folder != "" {
		return folder
	}
	folder := filepath.Join(scratch, version)
	config := read(t, "../../.goreleaser.yaml") + "\ndist: " + folder + "\n"
	for old, changed := range map[string]string{
		"goos: [linux, darwin, windows]": "goos: [linux]",
		"goarch: [amd64, arm64]":         "goarch: [" + runtime.GOARCH + "]",
		`version_template: "{{ incpatch .Version }}-snapshot.{{ .ShortCommit }}"`: "version_template: " + version,
	} {
		if !strings.Contains(config, old) {
			t.Fatalf(".goreleaser.yaml has no %s", old)
		}
		config = strings.Replace(config, old, changed, 1)
	}
	path := filepath.Join(scratch, version+".yaml")
	write(t, path, config)
	release := exec.Command(goTool(t, "goreleaser"), "release", "--snapshot", "--clean", "--config", path)
	release.Dir = "../.."
	release.Env = append(os.Environ(), "PATH="+filepath.Dir(goTool(t, "cyclonedx-gomod"))+":"+os.Getenv("PATH"),
		// A clone has a remote, without which goreleaser does not report the
		// commit. The remote is never contacted.
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=remote.origin.url", "GIT_CONFIG_VALUE_0=https://git.example.com/none/datahub_exporter")
	if out, err := release.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	snapshots[version] = folder
	return folder
}

// one returns the only file in a folder that matches a pattern.
func one(t *testing.T, folder, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: want one file, have %v (%v)", pattern, files, err)
	}
	return files[0]
}

// output runs a program and returns what it prints.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestGoreleaserReadsItsFile(t *testing.T) {
	check := exec.Command(goTool(t, "goreleaser"), "check")
	check.Dir = "../.."
	if out, err := check.CombinedOutput(); err != nil || strings.Contains(strings.ToLower(string(out)), "deprecat") {
		t.Errorf("want no error and nothing deprecated, have %v:\n%s", err, out)
	}
}

func TestProgramNamesItsBuild(t *testing.T) {
	program := one(t, snapshot(t, older), "datahub_exporter_linux_*/datahub_exporter")
	have := output(t, program, "--version")
	for _, want := range []string{"version " + older, "build date:       20", "revision: " + strings.TrimSpace(output(t, "git", "rev-parse", "HEAD"))} {
		if !strings.Contains(have, want) {
			t.Errorf("want %q, have:\n%s", want, have)
		}
	}
}

// The checksums are right, and each archive and package has one.
func TestReleaseHasChecksums(t *testing.T) {
	folder, listed := snapshot(t, older), map[string]string{}
	for line := range strings.Lines(read(t, filepath.Join(folder, "checksums.txt"))) {
		fields := strings.Fields(line)
		listed[fields[1]] = fields[0]
	}
	var extensions []string
	for name, want := range listed {
		if have := fmt.Sprintf("%x", sha256.Sum256([]byte(read(t, filepath.Join(folder, name))))); have != want {
			t.Errorf("%s: want %s, have %s", name, want, have)
		}
		extensions = append(extensions, filepath.Ext(name))
	}
	slices.Sort(extensions)
	if want := []string{".deb", ".gz", ".json", ".rpm"}; !slices.Equal(want, extensions) {
		t.Errorf("want files %v, have %v", want, slices.Sorted(maps.Keys(listed)))
	}
}

// Each linked module in the bill of materials is in docs/licenses.csv.
func TestReleaseListsWhatIsLinked(t *testing.T) {
	var list struct {
		Format     string `json:"bomFormat"`
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal([]byte(read(t, one(t, snapshot(t, older), "*.cdx.json"))), &list); err != nil {
		t.Fatal(err)
	}
	licences := read(t, "../../docs/licenses.csv")
	if list.Format != "CycloneDX" || len(list.Components) < 20 {
		t.Errorf("want CycloneDX with 20 components or more, have %s with %d", list.Format, len(list.Components))
	}
	for _, component := range list.Components {
		if component.Name != "std" && !strings.Contains(licences, "\n"+component.Name+","+component.Version+",") {
			t.Errorf("%s %s is not in docs/licenses.csv", component.Name, component.Version)
		}
	}
}

func TestArchive(t *testing.T) {
	have := output(t, "tar", "-tzf", one(t, snapshot(t, older), "*.tar.gz"))
	for _, want := range []string{
		"/datahub_exporter", "/README.md", "/CHANGELOG.md", "/SECURITY.md", "/otel-collector.yaml", "/docs/operations.md", "/docs/licenses.csv", "/README.zh-CN.md", "/docs/zh-CN/operations.md",
		"/deploy/prometheus/rules.yml", "/deploy/grafana/datahub_exporter.json", "/deploy/grafana/datahub_exporter.zh-CN.json", "/deploy/tencent-cloud/ckafka-connectors-alert.yml", "/deploy/systemd/datahub_exporter.service", "/deploy/manuals/datahub_exporter.1", "/deploy/alertmanager/alertmanager.yml", "/deploy/helm/datahub-exporter/Chart.yaml",
		"/deploy/helm/datahub-exporter/README.md", "/deploy/helm/datahub-exporter/.helmignore", "/deploy/helm/datahub-exporter/templates/deployment.yaml", "/deploy/kubernetes/operator.yaml", "/deploy/alertmanager/templates/ckafka.tmpl", "/deploy/otel-collector/scrape.yaml",
	} {
		if !strings.Contains(have, want+"\n") {
			t.Errorf("want %s, have:\n%s", want, have)
		}
	}
}

var (
	localLink = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)\s]*)?\)`)
	inClone   = regexp.MustCompile(`/(CONTRIBUTING\.md|Dockerfile|deploy/grafana/dashboard)$`)
)

// The documents in the archive link to files in it, but for those about building the
// exporter, which needs a clone.
func TestArchiveHasWhatItsDocumentsLinkTo(t *testing.T) {
	folder, seen := t.TempDir(), 0
	output(t, "tar", "-xzf", one(t, snapshot(t, older), "*.tar.gz"), "-C", folder)
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		for _, link := range localLink.FindAllStringSubmatch(read(t, path), -1) {
			seen++
			to := filepath.Join(filepath.Dir(path), link[1])
			if _, err := os.Stat(to); err != nil && !inClone.MatchString(to) {
				t.Errorf("%s: %v", path, err)
			}
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Errorf("want a hundred links at least, have %d (%v)", seen, err)
	}
}

// The rpm is built from the same list of files as the deb; rpm reads it.
func TestRPM(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		t.Fatalf("%v: install rpm", err)
	}
	file := one(t, snapshot(t, older), "*.rpm")
	have := output(t, "rpm", "-q", "--package", file, "--queryformat", "[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags}\n]")
	for _, want := range []string{
		"/etc/datahub_exporter/datahub_exporter.conf 100640 root:root cn\n",
		"/usr/bin/datahub_exporter 100755 root:root \n",
		"/usr/lib/systemd/system/datahub_exporter.service 100644 root:root \n",
		"/usr/share/man/man1/datahub_exporter.1 100644 root:root \n",
		"/usr/share/zsh/site-functions/_datahub_exporter 100644 root:root \n",
	} {
		if !strings.Contains(have, want) {
			t.Errorf("want %q, have:\n%s", want, have)
		}
	}
	if scripts := output(t, "rpm", "-q", "--package", file, "--scripts"); strings.Count(scripts, "#!/bin/sh") != 3 {
		t.Errorf("want three scripts, have:\n%s", scripts)
	}
}

// actionlint checks the expressions in workflows as GitHub evaluates them, and
// their scripts with shellcheck.
func TestWorkflowsAreRead(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) != 2 {
		t.Fatalf("want two workflows, have %v (%v)", files, err)
	}
	output(t, goTool(t, "actionlint"), files...)
}
