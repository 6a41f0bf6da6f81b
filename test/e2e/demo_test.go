package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demoCommands are the commands of the documents that show the whole chain.
var demoCommands = []string{"go run ./deploy/demo", "go run ./deploy/demo -lang zh"}

// startDemo runs one of the commands in the top folder, as a shell does: in a process
// group of its own, and with the programs in the PATH, Alertmanager by the name that
// Debian gives it. It returns the folder for the demo's temporary files, too.
func startDemo(t *testing.T, command, prometheus, alertmanager string) (demo *process, temporary string) {
	t.Helper()
	path, temporary := t.TempDir(), t.TempDir()
	for name, program := range map[string]string{"prometheus": prometheus, "prometheus-alertmanager": alertmanager} {
		if err := os.Symlink(tool(t, program), filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
	}
	words := strings.Fields(command)
	run := exec.Command(words[0], words[1:]...)
	run.Dir, run.SysProcAttr = shipped(t, "."), &syscall.SysProcAttr{Setpgid: true}
	run.Env = append(os.Environ(), "PATH="+path+":"+os.Getenv("PATH"), "TMPDIR="+temporary)
	demo = startCommand(t, run)
	t.Cleanup(func() { _ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL) }) // ends what is left of a failed test
	return demo, temporary
}

// interrupt presses Ctrl-C, and checks that everything ends and nothing is left.
func interrupt(t *testing.T, demo *process, temporary string, pages ...string) {
	t.Helper()
	if err := syscall.Kill(-demo.command.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, demo, temporary)
	// "go run" prints the exit code unless it is 0; its own is 1 after Ctrl-C.
	if printed := strings.Join(demo.output.all(), "\n"); strings.Contains(printed, "exit status") || strings.Contains(printed, "demo:") {
		t.Errorf("after Ctrl-C: want no error, have:\n%s", printed)
	}
	for _, page := range pages {
		if _, err := fetch(t.Context(), page); err == nil {
			t.Errorf("after Ctrl-C: %s still responds", page)
		}
	}
}

// awaitEnd waits until the demo has ended, and checks that no temporary files are
// left.
func awaitEnd(t *testing.T, demo *process, temporary string) {
	t.Helper()
	select {
	case <-demo.ended:
	case <-time.After(patience):
		t.Fatalf("the demo did not end within %v", patience)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("want no temporary files at the end, have %v (%v)", left, err)
	}
}

// The first message comes within a minute. One message says that a connection broke,
// none that its tasks failed, and one that it recovered. A message leads to the
// item's entry on the page, and to the runbook.
func TestDemoShowsTheMessages(t *testing.T) {
	t.Parallel()
	demo, temporary := startDemo(t, demoCommands[0], "prometheus2", "alertmanager25")
	page := demo.await(t, `^Status page +(http\S+)$`)
	prometheus, alertmanager := demo.await(t, `^Prometheus +(http\S+)$`), demo.await(t, `^Alertmanager +(http\S+)$`)
	demo.await(t, `^── 0:\d\d → on-call ──$`)
	demo.await(t, `^CRITICAL · CKafka task 历史订单回溯 orders-backfill failed · ap-guangzhou$`)
	demo.await(t, `^CRITICAL · CKafka connection users-postgresql failed · ap-guangzhou$`)
	demo.await(t, `^  Tasks \(2\): .*user-login-events`)
	item, runbook := demo.await(t, `^  Page: (`+regexp.QuoteMeta(page)+`\?q=resource-b4x8n3zr)$`), demo.await(t, `^  Runbook: (http\S+)$`)
	// Debian keeps the pages of these two apart from the programs.
	for _, link := range []string{page, prometheus + "-/ready", alertmanager + "-/ready", item, runbook} {
		if _, err := fetch(t.Context(), link); err != nil {
			t.Error(err)
		}
	}
	demo.awaitWithin(t, 4*time.Minute, `^RESOLVED · CKafka connection users-postgresql failed · ap-guangzhou$`)
	showsTheMessageOf(t, "README.md", demo)
	for _, line := range demo.output.all() {
		if strings.Contains(line, "CKafka task user-login-events failed") || strings.Contains(line, "CKafka task 用户画像同步 failed") {
			t.Errorf("a task behind the broken connection is told of: %s", line)
		}
	}
	interrupt(t, demo, temporary, page, prometheus+"-/ready", alertmanager+"-/ready")
}

func TestDemoShowsTheMessagesInChinese(t *testing.T) {
	t.Parallel()
	demo, temporary := startDemo(t, demoCommands[1], "prometheus3", "alertmanager34")
	page := demo.await(t, `^状态页 +(http\S+)$`)
	demo.await(t, `^【CKafka】严重 · 连接器任务失败：历史订单回溯 orders-backfill · ap-guangzhou$`)
	demo.await(t, `^  - 处理手册：http\S+/docs/zh-CN/operations\.md#ckafkataskfailed$`)
	demo.await(t, `^【CKafka】严重 · CKafka 连接器的连接断开或异常：users-postgresql · ap-guangzhou$`)
	demo.await(t, `^  状态页：http\S+\?q=resource-b4x8n3zr$`)
	showsTheMessageOf(t, "README.zh-CN.md", demo)
	interrupt(t, demo, temporary, page)
}

// showsTheMessageOf checks that the demo has printed the message that a document
// quotes.
func showsTheMessageOf(t *testing.T, document string, demo *process) {
	t.Helper()
	quoted, printed := 0, strings.Join(demo.output.all(), "\n")
	for line := range strings.Lines(readFile(t, shipped(t, document))) {
		if text, is := strings.CutPrefix(line, "> "); is {
			quoted++
			if text = strings.Trim(text, "*\\\n"); !strings.Contains(printed, text) {
				t.Errorf("%s: want the demo to print %q, have:\n%s", document, text, printed)
			}
		}
	}
	if quoted < 5 {
		t.Errorf("%s quotes no message", document)
	}
}

// The documents show these commands.
func TestDemoIsDocumented(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"docs/operations.md", "docs/zh-CN/operations.md"} {
		var shown []string
		for _, snippet := range snippetsOf(t, path) {
			for line := range strings.Lines(snippet.text) {
				command, _, _ := strings.Cut(line, "#")
				shown = append(shown, strings.TrimSpace(command))
			}
		}
		for _, command := range demoCommands {
			if !slices.Contains(shown, command) {
				t.Errorf("%s does not show %q", path, command)
			}
		}
	}
}

// The demo ends with what a program printed last if the program ends, and leaves
// nothing behind.
func TestDemoEndsWithItsPrograms(t *testing.T) {
	t.Parallel()
	demo, temporary := startDemo(t, demoCommands[0]+" -alertmanager "+tool(t, "amtool"), "prometheus2", "alertmanager25")
	awaitEnd(t, demo, temporary)
	printed := strings.Join(demo.output.all(), "\n")
	if demo.err == nil || !strings.Contains(printed, "demo: Alertmanager ended (exit status ") || !strings.Contains(printed, "amtool: error: unknown long flag") {
		t.Errorf("want an error and what the program printed, have %v:\n%s", demo.err, printed)
	}
}
