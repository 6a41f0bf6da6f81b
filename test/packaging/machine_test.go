package packaging

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is the longest that anything is waited for, and glance the polling
// interval.
const (
	patience = 2 * time.Minute
	glance   = 100 * time.Millisecond
)

// boot starts systemd as the first process of its own namespaces, in a root that is
// an overlay on this machine's. Whatever is installed there and whatever its
// services do leaves this machine untouched.
const boot = `set -e
[ -z "$2" ] || echo $$ > "$2/cgroup.procs"
exec unshare --pid --fork --kill-child --mount --cgroup --net --uts --ipc sh -ec '
mount --make-rprivate /
mount -t tmpfs machine "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay machine -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc machine proc
mount -t sysfs machine sys
mount -t tmpfs machine run
mount -t tmpfs machine tmp
mount --rbind /dev dev
mount -t cgroup2 machine sys/fs/cgroup
ip link set lo up
printf "[Unit]\nDescription=machine of a test\nDefaultDependencies=no\n" > etc/systemd/system/machine.target
exec env -i container=test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  chroot . "$(readlink -f /lib/systemd/systemd)" --unit=machine.target --log-target=console --show-status=no
' sh "$1"`

// machine is a running systemd with its own root and its own network.
type machine struct {
	pid int // of systemd
}

// startMachine boots a machine. It skips the test, with the reason, where that is
// impossible.
func startMachine(t *testing.T) *machine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: a machine of its own needs root, and this is not root")
	}
	for _, program := range []string{"/lib/systemd/systemd", "unshare", "nsenter", "ip", "dpkg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %v; apt-get install systemd util-linux iproute2", err)
		}
	}
	var printed bytes.Buffer
	command := exec.Command("sh", "-c", boot, "sh", t.TempDir(), newCgroup(t))
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = command.Wait() }()
	t.Cleanup(func() { // killing the starter kills systemd, and with it everything else
		_ = command.Process.Kill()
		<-ended
	})
	m := &machine{}
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(glance) {
		select {
		case <-ended:
			t.Skipf("SKIPPED: no machine of its own can be had here:\n%s", &printed)
		default:
		}
		if m.pid = child(command.Process.Pid); m.pid == 0 {
			continue
		}
		if out, err := m.run("systemctl", "is-active", "machine.target"); err == nil && out == "active\n" {
			return m
		}
	}
	t.Fatalf("systemd did not start within %v", patience)
	return nil
}

// newCgroup returns a control group for the machine, or "" where cgroup v2 is not
// mounted. Without one, systemd would put its groups next to those of this machine.
func newCgroup(t *testing.T) string {
	t.Helper()
	for line := range strings.Lines(read(t, "/proc/self/mounts")) {
		fields := strings.Fields(line)
		if fields[2] != "cgroup2" {
			continue
		}
		group, err := os.MkdirTemp(fields[1], "datahub_exporter_test")
		if err != nil {
			continue
		}
		t.Cleanup(func() { removeGroups(group) })
		return group
	}
	return ""
}

// removeGroups removes a control group after those below it.
func removeGroups(group string) {
	entries, _ := os.ReadDir(group)
	for _, entry := range entries {
		if entry.IsDir() {
			removeGroups(filepath.Join(group, entry.Name()))
		}
	}
	// The kernel takes a moment to release killed processes.
	for begin := time.Now(); unix.Rmdir(group) == unix.EBUSY && time.Since(begin) < patience; {
		time.Sleep(glance)
	}
}

// child returns the first child of a process, or 0.
func child(pid int) int {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(children), " ")
	number, _ := strconv.Atoi(first)
	return number
}

// run runs a program in the machine, as root.
func (m *machine) run(args ...string) (string, error) {
	command := exec.Command("nsenter", append([]string{"--all", "--root", "--wd=/", "--target", strconv.Itoa(m.pid)}, args...)...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"}
	out, err := command.CombinedOutput()
	return string(out), err
}

// must runs a program that must succeed.
func (m *machine) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := m.run(args...)
	if err != nil {
		journal, _ := m.run("systemctl", "status", "--no-pager", "--full", "datahub_exporter.service")
		t.Fatalf("%s: %v\n%s\n%s", strings.Join(args, " "), err, out, journal)
	}
	return out
}

// path returns the path of a machine's file as this process sees it.
func (m *machine) path(name string) string {
	return filepath.Join("/proc", strconv.Itoa(m.pid), "root", name)
}

// inNetwork calls a function in the machine's network namespace. The OS thread that
// enters it exits afterwards.
func (m *machine) inNetwork(do func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		network, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", m.pid))
		if err == nil {
			defer network.Close()
			err = unix.Setns(int(network.Fd()), syscall.CLONE_NEWNET)
		}
		if err == nil {
			err = do()
		}
		result <- err
	}()
	return <-result
}

// listen listens on a port on the machine's loopback interface.
func (m *machine) listen(t *testing.T) (listener net.Listener) {
	t.Helper()
	if err := m.inNetwork(func() (err error) {
		listener, err = net.Listen("tcp4", "127.0.0.1:0")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return listener
}

// client returns a client for servers on the machine's loopback interface.
func (m *machine) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (connection net.Conn, err error) {
			err = m.inNetwork(func() (err error) {
				connection, err = new(net.Dialer).DialContext(ctx, network, address)
				return err
			})
			return connection, err
		},
	}}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, condition func() error) {
	t.Helper()
	var err error
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(glance) {
		if err = condition(); err == nil {
			return
		}
	}
	t.Fatalf("not within %v: %v", patience, err)
}
