package packaging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

const (
	conf      = "/etc/datahub_exporter/datahub_exporter.conf"
	key       = "/etc/datahub_exporter/secret_key" // named in the file
	group     = "datahub_exporter-secrets"
	port      = "48080" // on a network of its own
	tasksPath = "/api/v1/ckafka/datahub_tasks/metrics"
)

// A new user installs the package, edits the file, starts, scrapes, reloads,
// upgrades and removes. A removal leaves only the file and a key next to it, which
// a reinstalled service can read; a purge leaves nothing.
func TestPackageLivesAndGoes(t *testing.T) {
	first, second := one(t, snapshot(t, older), "*.deb"), one(t, snapshot(t, newer), "*.deb")
	m := startMachine(t)
	p := &installed{machine: m, http: m.client()}
	before := p.tree(t)

	p.install(t, first)
	p.wantMode(t, conf, 0o640, group)
	p.wantNotRunning(t)
	p.refusesTheFileAsItComes(t)

	p.configure(t, "ap-guangzhou", startCloud(t, m))
	m.must(t, "systemctl", "enable", "--now", "datahub_exporter.service")
	p.await(t, tasksPath, `datahub_task_status{TaskId="task-1",TaskName="orders",region="ap-guangzhou"} 1`)
	p.await(t, "/metrics", fmt.Sprintf("version=%q", older))
	p.await(t, "/metrics", "process_start_time_seconds")
	p.wantConfined(t)

	if out := p.must(t, documentedCheck(t)...); !strings.Contains(out, "All 2 checks passed") {
		t.Errorf("the documented check: want both to pass, have:\n%s", out)
	}

	pid := p.pid(t)
	p.replaceInFile(t, "region = ap-guangzhou", "region = ap-shanghai")
	m.must(t, "systemctl", "reload", "datahub_exporter.service")
	p.await(t, tasksPath, `datahub_task_status{TaskId="task-2",TaskName="payments",region="ap-shanghai"} 1`)
	if have := p.pid(t); have != pid {
		t.Errorf("a reload: want the same process %s, have %s", pid, have)
	}

	edited := read(t, m.path(conf))
	p.install(t, second)
	p.await(t, "/metrics", fmt.Sprintf("version=%q", newer))
	p.await(t, tasksPath, `TaskName="payments"`)
	p.wantMode(t, conf, 0o640, group)
	if diff := cmp.Diff(edited, read(t, m.path(conf))); diff != "" {
		t.Errorf("the file after an upgrade (-want +have)\n%s", diff)
	}

	write(t, m.path(key), "key")
	m.must(t, "chmod", "640", key)
	m.must(t, "chgrp", group, key)
	m.must(t, "dpkg", "--remove", "datahub-exporter")
	p.wantNotRunning(t)
	p.wantMode(t, conf, 0o640, "root")
	p.wantMode(t, key, 0o640, "root")
	p.wantLeft(t, before, "/etc/datahub_exporter", conf, key)

	p.install(t, second)
	p.wantMode(t, conf, 0o640, group)
	p.wantMode(t, key, 0o640, group)
	m.must(t, "rm", key)
	m.must(t, "dpkg", "--purge", "datahub-exporter")
	p.wantLeft(t, before)
}

// documentedCheck is the command for those who have the package, as the page on
// troubleshooting has it.
func documentedCheck(t *testing.T) []string {
	t.Helper()
	command := regexp.MustCompile(`(?m)^setpriv .*$`).FindString(read(t, "../../docs/troubleshooting.md"))
	if command == "" {
		t.Fatal("docs/troubleshooting.md has no check for the package")
	}
	return strings.Fields(command)
}

// startCloud serves one task per region on the machine's network and returns its
// address.
func startCloud(t *testing.T, m *machine) string {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou", "ap-shanghai")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-shanghai", cloudsim.Item{ID: "task-2", Name: "payments", Status: 1})
	server := &http.Server{Handler: cloudsim.New(cloudsim.Options{SecretID: "AKIDtest", SecretKey: "key", Fleet: fleet})}
	listener := m.listen(t)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// installed is the package installed in a machine.
type installed struct {
	*machine
	http *http.Client
}

func (p *installed) install(t *testing.T, file string) {
	t.Helper()
	write(t, p.path("/run/datahub-exporter.deb"), read(t, file))
	p.must(t, "dpkg", "--install", "/run/datahub-exporter.deb")
}

// refusesTheFileAsItComes runs the command line of the unit: the shipped file has a
// placeholder for a key, and the exporter must refuse it.
func (p *installed) refusesTheFileAsItComes(t *testing.T) {
	t.Helper()
	unit := read(t, p.path("/usr/lib/systemd/system/datahub_exporter.service"))
	line := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(unit)[1]
	standard := regexp.MustCompile(`(?m)^Environment=CONF=(.*)$`).FindStringSubmatch(unit)[1]
	out, err := p.run(strings.Fields(strings.NewReplacer("$ARGS", "", "${CONF}", standard).Replace(line))...)
	if err == nil || !strings.Contains(out, conf) || !strings.Contains(out, "secret_id") {
		t.Errorf("want a refusal that names the file and secret_id, have %v:\n%s", err, out)
	}
}

// configure edits the file as a user would.
func (p *installed) configure(t *testing.T, region, endpoint string) {
	t.Helper()
	p.replaceInFile(t, "secret_id  = xxx", "secret_id  = AKIDtest")
	p.replaceInFile(t, "secret_key = xxx", "secret_key = key")
	p.replaceInFile(t, "region = ap-guangzhou", "region = "+region+"\nendpoint = "+endpoint)
}

// replaceInFile edits the configuration file in place.
func (p *installed) replaceInFile(t *testing.T, old, changed string) {
	t.Helper()
	text := read(t, p.path(conf))
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q:\n%s", conf, old, text)
	}
	write(t, p.path(conf), strings.Replace(text, old, changed, 1))
}

// await waits until a response contains a text.
func (p *installed) await(t *testing.T, path, want string) {
	t.Helper()
	eventually(t, func() error {
		answer, err := p.http.Get("http://127.0.0.1:" + port + path)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && !strings.Contains(string(body), want) {
			err = fmt.Errorf("%s: want %s, have %d and:\n%s", path, want, answer.StatusCode, body)
		}
		return err
	})
}

func (p *installed) pid(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(p.must(t, "systemctl", "show", "--property=MainPID", "--value", "datahub_exporter.service"))
}

// wantConfined checks that the unit's restrictions apply to the process.
func (p *installed) wantConfined(t *testing.T) {
	t.Helper()
	status := read(t, p.path("/proc/"+p.pid(t)+"/status"))
	for _, want := range []string{`NoNewPrivs:\s+1`, `Seccomp:\s+2`, `CapBnd:\s+0+\n`, `Uid:\s+6[1-5]\d\d\d\s`} {
		if !regexp.MustCompile(want).MatchString(status) {
			t.Errorf("want %s, have:\n%s", want, status)
		}
	}
}

func (p *installed) wantNotRunning(t *testing.T) {
	t.Helper()
	for _, unit := range []string{"datahub_exporter.service", "datahub_exporter.socket"} {
		if out, _ := p.run("systemctl", "is-active", unit); out != "inactive\n" {
			t.Errorf("%s: want it to be inactive, have %s", unit, out)
		}
	}
}

// wantMode checks who can read the file.
func (p *installed) wantMode(t *testing.T, file string, mode fs.FileMode, group string) {
	t.Helper()
	want := fmt.Sprintf("%o root %s\n", mode, group)
	if have := p.must(t, "stat", "--format=%a %U %G", file); have != want {
		t.Errorf("%s: want %s, have %s", file, want, have)
	}
}

// tree returns the files where packages install theirs, with owners and modes, and
// all users and groups.
func (p *installed) tree(t *testing.T) []string {
	t.Helper()
	var found []string
	// The package manager's own records, and the backups that groupdel leaves.
	records := []string{"/var/lib/dpkg", "/var/cache", "/var/log", "/usr/local/go", "/etc/group-", "/etc/gshadow-", "/etc/.pwd.lock"}
	for _, top := range []string{"/etc", "/usr", "/var", "/opt", "/run/systemd/system"} {
		err := filepath.WalkDir(p.path(top), func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(path, strings.TrimSuffix(p.path("/"), "/"))
			if slices.Contains(records, name) {
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil {
				owner := info.Sys().(*syscall.Stat_t)
				found = append(found, fmt.Sprintf("%s %v %d:%d", name, info.Mode(), owner.Uid, owner.Gid))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, database := range []string{"/etc/passwd", "/etc/group"} {
		for line := range strings.Lines(read(t, p.path(database))) {
			found = append(found, database+" has "+strings.TrimSpace(line))
		}
	}
	return found
}

// wantLeft checks that only the wanted files have been added and that nothing is
// gone.
func (p *installed) wantLeft(t *testing.T, before []string, want ...string) {
	t.Helper()
	after, left := p.tree(t), []string{}
	known := map[string]bool{}
	for _, entry := range before {
		known[entry] = true
	}
	for _, entry := range after {
		if !known[entry] {
			left = append(left, strings.Fields(entry)[0])
		}
		delete(known, entry)
	}
	for entry := range known {
		t.Errorf("%s is gone", entry)
	}
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +have)\n%s", diff)
	}
}
