package web_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// changes lets a connection break and recover, a task appear and one go, while the API is
// away in between.
func (r *rig) changes(t *testing.T) {
	r.incident()
	r.warm(t)
	r.fleet.Set(connections, region, cloudsim.Item{ID: "resource-1", Name: "orders-mysql", Status: 1, Type: "MYSQL"})
	r.fleet.Set(tasks, region,
		cloudsim.Item{ID: "task-2", Name: "runs", Status: 9, ErrorMessage: "Connection to 10.0.0.1:3306 refused\n"},
		cloudsim.Item{ID: "task-3", Status: 0})
	r.wait(time.Minute)
	r.warm(t)
	r.cloud.Always("", "", cloudsim.Error("UnauthorizedOperation", "denied"))
	r.wait(time.Minute)
	r.warm(t)
	r.cloud.Always("", "", nil)
	r.fleet.Set(tasks, region, cloudsim.Item{ID: "task-3", Status: 1})
	r.wait(time.Minute)
	r.warm(t)
}

// The JSON has what changed, newest first, and nothing of the outage.
func TestChangesInTheJSON(t *testing.T) {
	r := newRig(t, time.Second, "prod")
	r.changes(t)
	_, body := r.get(t, "/api/v1/ckafka/status", "Cache-Control", "max-age=3600")
	var document struct{ Changes []map[string]any }
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	change := func(at, kind, id, name string, more map[string]any) map[string]any {
		made := map[string]any{"at": "2026-11-25T03:" + at + "Z", "kind": kind, "account": "prod", "region": region, "id": id, "name": name}
		for field, value := range more {
			made[field] = value
		}
		return made
	}
	want := map[string]map[string]any{
		"task-1 gone":     change("01:00", "task", "task-1", "<script>alert(1)</script>", map[string]any{"from": "paused"}),
		"task-2 failed":   change("01:00", "task", "task-2", "runs", map[string]any{"from": "running", "to": "resume_failed", "reason": "connection_refused", "message": "Connection to 10.0.0.1:3306 refused"}),
		"task-3 appeared": change("01:00", "task", "task-3", "", map[string]any{"to": "creating"}),
		"resource-1":      change("01:00", "connection", "resource-1", "orders-mysql", map[string]any{"from": "abnormal", "to": "running"}),
		"task-2 gone":     change("03:00", "task", "task-2", "runs", map[string]any{"from": "resume_failed", "seconds": 120.0, "after": "2026-11-25T03:01:00Z"}),
		"task-3 runs":     change("03:00", "task", "task-3", "", map[string]any{"from": "creating", "to": "running", "seconds": 120.0, "after": "2026-11-25T03:01:00Z"}),
	}
	keys := func(changes []map[string]any) map[string]map[string]any {
		byName := map[string]map[string]any{}
		for _, change := range changes {
			name := fmt.Sprint(change["id"])
			switch {
			case change["to"] == nil:
				name += " gone"
			case change["from"] == nil:
				name += " appeared"
			case name == "task-2":
				name += " failed"
			case name == "task-3":
				name += " runs"
			}
			byName[name] = change
		}
		return byName
	}
	if diff := cmp.Diff(want, keys(document.Changes)); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	for i := range document.Changes[1:] {
		if document.Changes[i]["at"].(string) < document.Changes[i+1]["at"].(string) {
			t.Errorf("want the newest first, have %v", document.Changes)
		}
	}
}

var (
	changeItem = regexp.MustCompile(`(?s)<li data-key="prod/[^"]*Z">(.*?)</li>`)
	tag        = regexp.MustCompile(`<[^>]*>`)
	spaces     = regexp.MustCompile(`\s+`)
)

// pageChanges returns the changes on a page as texts, sorted by nothing.
func pageChanges(page string) map[string]bool {
	texts := map[string]bool{}
	for _, match := range changeItem.FindAllStringSubmatch(page, -1) {
		texts[strings.TrimSpace(spaces.ReplaceAllString(tag.ReplaceAllString(match[1], ""), " "))] = true
	}
	return texts
}

// The page has the changes of the items that match its filter, in both languages.
func TestChangesOnThePage(t *testing.T) {
	r := newRig(t, time.Second, "prod")
	r.changes(t)
	const (
		gone1  = "2026-11-25 03:01 UTC &lt;script&gt;alert(1)&lt;/script&gt; task-1 · task · ap-guangzhou paused → no longer listed"
		failed = "2026-11-25 03:01 UTC runs task-2 · task · ap-guangzhou running → resume failed connection refused Connection to 10.0.0.1:3306 refused"
		gone2  = "2026-11-25 03:01 UTC – 2026-11-25 03:03 UTC runs task-2 · task · ap-guangzhou resume failed → no longer listed after 2 min"
		is3    = "2026-11-25 03:01 UTC no name task-3 · task · ap-guangzhou new: creating"
		runs3  = "2026-11-25 03:01 UTC – 2026-11-25 03:03 UTC no name task-3 · task · ap-guangzhou creating → running after 2 min"
		mysql  = "2026-11-25 03:01 UTC orders-mysql resource-1 · connection · ap-guangzhou abnormal → running"
	)
	tests := map[string][]string{
		"/?lang=en":                    {gone1, failed, gone2, is3, runs3, mysql},
		"/?lang=en&q=mysql":            {mysql},
		"/?lang=en&q=runs":             {failed, gone2},
		"/?lang=en&state=not-running":  {gone1, failed, gone2},
		"/?lang=en&state=failed":       nil,
		"/?lang=zh-CN&q=resource-1":    {"2026-11-25 03:01 UTC orders-mysql resource-1 · 连接 · 广州 ap-guangzhou 异常 → 运行中"},
		"/?lang=zh-CN&q=task-3":        {"2026-11-25 03:01 UTC 未命名 task-3 · 任务 · 广州 ap-guangzhou 新增：创建中", "2026-11-25 03:01 UTC – 2026-11-25 03:03 UTC 未命名 task-3 · 任务 · 广州 ap-guangzhou 创建中 → 运行中 此前状态持续 2 分钟"},
		"/?lang=zh-CN&q=script+task-1": {"2026-11-25 03:01 UTC &lt;script&gt;alert(1)&lt;/script&gt; task-1 · 任务 · 广州 ap-guangzhou 已暂停 → 已不在列表中"},
	}
	for path, texts := range tests {
		_, page := r.get(t, path, "Cache-Control", "max-age=3600")
		want := map[string]bool{}
		for _, text := range texts {
			want[text] = true
		}
		if diff := cmp.Diff(want, pageChanges(page)); diff != "" {
			t.Errorf("%s (-want +have):\n%s", path, diff)
		}
	}
}
