package main

import (
	"archive/zip"
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// The image needs nothing but its contents: it runs on a read-only root, as its
// user, with credentials in mounted files and an API behind TLS.
func TestImageRuns(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: the root of the image can be made by root alone, and this is not root")
	}
	root := t.TempDir()
	image := made(t, runtime.GOARCH)
	unpack(t, image, root)
	api := startAPI(t, root)
	mountConfiguration(t, root, api)
	exporter := runImage(t, root, "--web.listen-address=127.0.0.1:0")

	const task = `datahub_task_status{TaskId="task-1",TaskName="orders",region="ap-guangzhou"} 1`
	if body := get(t, exporter.url+"/api/v1/ckafka/datahub_tasks/metrics"); !strings.Contains(body, task) {
		t.Errorf("want %s, have:\n%s", task, body)
	}
	build := `datahub_exporter_build_info{`
	if body := get(t, exporter.url+"/metrics"); !strings.Contains(body, build) || !strings.Contains(body, `version="1.2.3"`) {
		t.Errorf("want %s with its version, have:\n%s", build, body)
	}
	if err := exporter.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := exporter.command.Wait(); err != nil {
		t.Errorf("exit: want 0, have %v", err)
	}
}

// Go reads the time zones from $ZONEINFO; without them, a container with TZ set
// would run in UTC.
func TestImageHasTimeZones(t *testing.T) {
	root := t.TempDir()
	unpack(t, made(t, runtime.GOARCH), root)
	zones, err := zip.OpenReader(filepath.Join(root, "usr/share/zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer zones.Close()
	zone, err := fs.ReadFile(zones, "Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	if location, err := time.LoadLocationFromTZData("Asia/Shanghai", zone); err != nil || time.Unix(0, 0).In(location).Hour() != 8 {
		t.Errorf("want a zone eight hours before UTC, have %v (%v)", location, err)
	}
}

// startAPI starts the cloud behind TLS, adds its certificate authority to the
// bundle in the root, and returns the URL.
func startAPI(t *testing.T, root string) string {
	t.Helper()
	fleet := cloudsim.NewInventory("ap-guangzhou")
	fleet.Set(cloudsim.DescribeDatahubTasks, "ap-guangzhou", cloudsim.Item{ID: "task-1", Name: "orders", Status: 1})
	api := httptest.NewTLSServer(cloudsim.New(cloudsim.Options{SecretID: "AKIDtest", SecretKey: "key", Fleet: fleet}))
	t.Cleanup(api.Close)
	bundle, err := os.OpenFile(filepath.Join(root, want[0]), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer bundle.Close()
	if err := pem.Encode(bundle, &pem.Block{Type: "CERTIFICATE", Bytes: api.Certificate().Raw}); err != nil {
		t.Fatal(err)
	}
	return api.URL
}

// mountConfiguration puts the files where Kubernetes would mount a secret: owned by
// root, with the group of the image's user, read-only.
func mountConfiguration(t *testing.T, root, api string) {
	t.Helper()
	const folder = "/etc/datahub_exporter/"
	for name, text := range map[string]string{
		"id": "AKIDtest", "key": "key",
		"datahub_exporter.conf": fmt.Sprintf("[common]\nsecret_id_file = %sid\nsecret_key_file = %skey\nregion = ap-guangzhou\nendpoint = %s\n", folder, folder, api),
	} {
		path := filepath.Join(root, folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, 0, 65532); err != nil {
			t.Fatal(err)
		}
	}
}

type exporter struct {
	command *exec.Cmd
	url     string
}

// runImage runs the image's entry point with more flags, in a mount namespace in
// which its root is read-only.
func runImage(t *testing.T, root string, flags ...string) exporter {
	t.Helper()
	file, err := made(t, runtime.GOARCH).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	const script = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
if touch "$1/etc/written" 2>/dev/null; then echo 'the root can be written to' >&2; exit 1; fi
user=$2; root=$1; shift 2
exec chroot --userspec="$user" --groups= "$root" "$@"`
	args := append([]string{"-m", "sh", "-c", script, "sh", root, file.Config.User}, file.Config.Entrypoint...)
	command := exec.CommandContext(t.Context(), "unshare", append(append(args, file.Config.Cmd...), flags...)...)
	command.Env = file.Config.Env
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	var printed []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		printed = append(printed, lines.Text())
		if strings.Contains(lines.Text(), "level=WARN") {
			t.Errorf("want no warning, have: %s", lines.Text())
		}
		if match := listening.FindStringSubmatch(lines.Text()); match != nil {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return exporter{command, "http://" + match[1]}
		}
	}
	t.Fatalf("it ended (%v) before it listened:\n%s", command.Wait(), strings.Join(printed, "\n"))
	return exporter{}
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: want 200, have %d and %v:\n%s", url, answer.StatusCode, err, body)
	}
	return string(body)
}
