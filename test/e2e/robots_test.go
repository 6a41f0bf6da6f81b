package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "renew the goldens")

// Alerts for a broken connection and a task, as sent by a Prometheus that evaluates
// the recommended rules.
func brokenConnection() map[string]any {
	return map[string]any{
		"labels": map[string]string{
			"alertname": "CKafkaConnectionFailed", "severity": "critical", "region": "ap-guangzhou",
			"ResourceId": "resource-b4x8n3zr", "ResourceName": "users-postgresql",
		},
		"annotations": map[string]string{
			"summary": "CKafka connection users-postgresql failed · CKafka 连接器的连接断开或异常",
			"name":    "users-postgresql (resource-b4x8n3zr)", "state": "异常 abnormal", "reason": "connection_refused",
			"message": "Connection to 10.12.4.17:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.",
			"tasks":   "2: 用户画像同步 (task-u2h6v8c5), user-login-events (task-e5j9b3w8)", "region": "ap-guangzhou", "account": "",
			"action":  "Make the database or service reachable again. · 先恢复数据库或服务的连通。",
			"console": "https://console.cloud.tencent.com/ckafka/datahub-connect", "runbook": "https://git.example.com/datahub_exporter/docs/operations.md#ckafkaconnectionfailed",
		},
		"startsAt": "2026-11-25T01:06:00Z", "endsAt": "2036-11-25T01:06:00Z",
	}
}

func failedTask(id, name, message string) map[string]any {
	return map[string]any{
		"labels": map[string]string{
			"alertname": "CKafkaTaskFailed", "severity": "critical", "region": "ap-guangzhou", "account": "prod", "TaskId": id, "TaskName": name,
		},
		"annotations": map[string]string{
			"summary": "CKafka task " + name + " failed · 连接器任务失败", "name": name + " (" + id + ")",
			"state": "恢复失败（最后一次看到，目前未知）resume_failed · as last seen", "reason": "other", "message": message, "connection": "resource-b4x8n3zr " + name,
			"region": "ap-guangzhou", "account": "prod",
			"action":  "Remove the cause that the message names, then restart the task in the console. · " + strings.Repeat("按云端信息排除原因，再在控制台重启任务；", 10),
			"console": "https://console.cloud.tencent.com/ckafka/datahub-overview", "runbook": "docs/operations.md#ckafkataskfailed",
		},
		"startsAt": "2026-11-25T01:06:00Z", "endsAt": "2036-11-25T01:06:00Z",
	}
}

// startRobots starts the Alertmanager that sends to chat robots, with the webhook
// in their place.
func startRobots(t *testing.T) (*alertmanager, *webhook) {
	t.Helper()
	hook := startWebhook(t)
	addresses := t.TempDir()
	config := acceleratedAlertmanager(t, robotsConfig, 60, func(webhook document) {
		// /etc/alertmanager/wecom.url -> wecom
		robot := strings.TrimSuffix(filepath.Base(webhook["url_file"].(string)), ".url")
		path := filepath.Join(addresses, robot)
		if err := os.WriteFile(path, []byte(hook.url+"/"+robot+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		webhook["url_file"] = path
	})
	return startAlertmanager(t, "alertmanager34", config), hook
}

func TestRobotsAreToldInTheirOwnWords(t *testing.T) {
	t.Parallel()
	alertmanager, hook := startRobots(t)
	alertmanager.post(t, brokenConnection())
	for _, robot := range []string{"wecom", "dingtalk", "feishu"} {
		var have bytes.Buffer
		if err := json.Indent(&have, hook.await(t, "/"+robot), "", "  "); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "robots", robot+".json")
		if *update {
			if err := os.WriteFile(golden, have.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), have.String()); diff != "" {
			t.Errorf("%s (-want +have):\n%s", robot, diff)
		}
	}
}

// Alertmanager parses a rendered text as YAML and sends the result. The robots
// accept only strings, and respond with 200 whatever they do with a message.
func TestNoTextOfTheCloudBreaksAMessage(t *testing.T) {
	t.Parallel()
	messages := map[string]string{
		"a mapping":     "error: refused\nhost: 10.12.4.17",
		"a flow":        "{a: b}",
		"a list":        "- one\n- two",
		"a reference":   "&a *a !!int 5",
		"quotes":        `"]} ' \ end`,
		"a template":    `{{ .Status }} {{ template "ckafka.title" . }}`,
		"several lines": "a\n\n---\nb: c\n...\n",
		"nothing":       "",
		"a colon":       "orders: daily",
		"a last colon":  "orders:",
		"a comment":     "orders #2",
		"emoji":         strings.Repeat("😀", 200),
	}
	for name, text := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alertmanager, hook := startRobots(t)
			alertmanager.post(t, failedTask("task-1", text, text))
			for robot, have := range texts(t, hook) {
				title, _, _ := strings.Cut(have, "\n")
				if !strings.HasPrefix(title, "【CKafka】严重 · 连接器任务失败：") || !strings.HasSuffix(title, " · prod · ap-guangzhou") || !strings.Contains(have, text) {
					t.Errorf("%s: want a title and a text with %q in it, have %q", robot, text, have)
				}
			}
		})
	}
}

func TestManyAlertsFitIntoAMessage(t *testing.T) {
	t.Parallel()
	alertmanager, hook := startRobots(t)
	var alerts []map[string]any
	for i := range 100 {
		alert := failedTask("task-"+strconv.Itoa(i), strings.Repeat("订单", 64), strings.Repeat("错误", 128))
		alert["startsAt"] = time.Now() // recent, so that group_wait holds them back
		alerts = append(alerts, alert)
	}
	alertmanager.post(t, alerts...)
	have := texts(t, hook)
	for robot, most := range map[string]int{"wecom": 4096, "dingtalk": 20_000, "feishu": 20_000} {
		if text := have[robot]; len(text) > most || !leftOut.MatchString(text) {
			t.Errorf("%s: want at most %d bytes that say how many alerts there are, have %d: %s", robot, most, len(text), text)
		}
	}
}

// leftOut matches the end of a message that does not show all alerts.
var leftOut = regexp.MustCompile(`……共 \d+ 条，其余请在 Alertmanager 查看\n(<@zhangsan>|@13800000000|<at id=ou_zhangsan></at>)$`)

// texts waits until each robot has got a message, and returns the texts.
func texts(t *testing.T, hook *webhook) map[string]string {
	t.Helper()
	var wecom struct{ Markdown struct{ Content string } }
	var dingtalk struct{ Markdown struct{ Title, Text string } }
	var feishu struct {
		Card struct {
			Header struct {
				Template string
				Title    struct{ Content string }
			}
			Elements []struct{ Tag, Content string }
		}
	}
	for robot, into := range map[string]any{"wecom": &wecom, "dingtalk": &dingtalk, "feishu": &feishu} {
		if body := hook.await(t, "/"+robot); json.Unmarshal(body, into) != nil {
			t.Fatalf("%s: want strings, have %s", robot, body)
		}
	}
	return map[string]string{
		"wecom": wecom.Markdown.Content, "dingtalk": dingtalk.Markdown.Text, "feishu": feishu.Card.Elements[0].Content,
	}
}

// renderMessage renders a text as the oldest Alertmanager that is supported does for
// these alerts, without the space around it.
func renderMessage(t *testing.T, text string, groupLabels map[string]string, alerts []map[string]any) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data.json")
	content, err := json.Marshal(map[string]any{"alerts": alerts, "groupLabels": groupLabels})
	if err == nil {
		err = os.WriteFile(data, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := amtool(t, "template", "render", "--template.glob="+shipped(t, "deploy/alertmanager/templates/*.tmpl"),
		"--template.text="+text, "--template.data="+data)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return strings.TrimSpace(rendered)
}

// What a locked phone shows, by the oldest Alertmanager that is supported.
func TestTitles(t *testing.T) {
	t.Parallel()
	alert := func(status, name, severity, summary, item string) map[string]any {
		return map[string]any{
			"status": status, "labels": map[string]string{"alertname": name, "severity": severity, "TaskName": item},
			"annotations": map[string]string{"summary": summary}, "startsAt": "2026-11-25T01:06:00Z", "endsAt": "2026-11-25T02:06:00Z",
		}
	}
	failed := func(status string) map[string]any {
		return alert(status, "CKafkaTaskFailed", "critical", "CKafka task failed · 连接器任务失败", "orders: cdc")
	}
	gone := alert("resolved", "CKafkaTaskGone", "warning", "CKafka task has disappeared · 连接器任务已消失", "orders")
	silent := alert("resolved", "CKafkaRegionSilent", "critical", "No series · 该地域的指标已中断，其他地域正常", "")
	for want, alerts := range map[string][]map[string]any{
		"red 【CKafka】严重 · 连接器任务失败：orders： cdc · ap-guangzhou":                  {failed("firing")},
		"red 【CKafka】严重 · 连接器任务失败：orders： cdc 等 2 条，另 1 条告警已恢复 · ap-guangzhou": {failed("firing"), failed("firing"), failed("resolved")},
		"green 【CKafka】告警已恢复 · 连接器任务失败：orders： cdc 等 2 条 · ap-guangzhou":       {failed("resolved"), failed("resolved")},
		"grey 【CKafka】告警到期，不代表已恢复 · 连接器任务已消失：orders · ap-guangzhou":            {gone},
		"grey 【CKafka】告警到期，不代表已恢复 · 该地域的指标已中断 · ap-guangzhou":                  {silent},
		"orange 【CKafka】警告 · x： y，另 1 条告警到期，不代表已恢复 · ap-guangzhou":             {alert("firing", "a", "warning", "x: y", ""), gone},
		"orange 【CKafka】告警 · datahub_task_status：orders · ap-guangzhou":        {alert("firing", "datahub_task_status", "", "", "orders")},
	} {
		have := renderMessage(t, `{{ template "ckafka.color" . }} {{ template "ckafka.title" . }}`, map[string]string{"region": "ap-guangzhou"}, alerts)
		if have != want {
			t.Errorf("want %s, have %s", want, have)
		}
	}
}

// Only who is on call is mentioned, and only while an alert fires.
func TestOnlyWhoIsOnCallIsMentioned(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile(shipped(t, robotsConfig))
	if err != nil {
		t.Fatal(err)
	}
	onCall, chat, found := strings.Cut(string(config), "  - name: chat\n")
	mention := regexp.MustCompile(`\{\{ if \.Alerts\.Firing \}\}(\{\{ "\\n" \}\}(<@|@\d|<at )|\[")`)
	if !found || strings.Contains(chat, ".Alerts.Firing") || len(mention.FindAllString(onCall, -1)) != 4 {
		t.Errorf("%s: want four mentions for on-call and none for chat:\n%s", robotsConfig, config)
	}
}

// The two shipped files differ only in their receivers.
func TestRobotsAreRoutedAsAllOthers(t *testing.T) {
	t.Parallel()
	want, have := readYAML(t, alertmanagerConfig), readYAML(t, robotsConfig)
	for _, config := range []document{want, have} {
		maps.DeleteFunc(config, func(key, _ any) bool { return key == "receivers" })
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s and %s differ (-want +have):\n%s", alertmanagerConfig, robotsConfig, diff)
	}
}

func TestAmtoolAcceptsWhatIsShipped(t *testing.T) {
	t.Parallel()
	if out, err := amtool(t, "check-config", shipped(t, alertmanagerConfig)); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// Each alert is routed to its receiver: without a route, nobody hears it.
func TestRoutes(t *testing.T) {
	t.Parallel()
	for labels, want := range map[string]string{
		"alertname=CKafkaTaskFailed severity=critical":             "on-call",
		"alertname=CKafkaTaskPaused severity=warning":              "chat",
		"alertname=CKafkaTaskBehindFailedConnection severity=none": "nobody",
		"alertname=CKafkaTaskStalled severity=critical":            "on-call",
		"alertname=CKafkaProgressNotFound severity=info":           "chat",
		"alertname=datahub_task_status":                            "chat",
		"alertname=SomethingElse":                                  "chat",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + shipped(t, alertmanagerConfig)}, strings.Fields(labels)...)
		if have, err := amtool(t, args...); err != nil || strings.TrimSpace(have) != want {
			t.Errorf("%s: want the receiver %s, have %s (%v)", labels, want, have, err)
		}
	}
}

func amtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tool(t, "amtool"), args...).Output()
	return string(out), err
}
