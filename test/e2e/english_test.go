package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// renderEnglish renders a template as Alertmanager does for these alerts.
func renderEnglish(t *testing.T, template string, alerts ...map[string]any) string {
	t.Helper()
	return renderMessage(t, `{{ template "`+template+`" . }}`, map[string]string{"account": "prod", "region": "ap-guangzhou"}, alerts)
}

// as returns an alert that differs in its status, and in its name if that is given.
func as(alert map[string]any, status, name string) map[string]any {
	alert["status"] = status
	if name != "" {
		alert["labels"].(map[string]string)["alertname"] = name
	}
	return alert
}

func TestEnglishTitles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("订单", 100)
	for want, alerts := range map[string][]map[string]any{
		"CRITICAL · CKafka connection users-postgresql failed · prod · ap-guangzhou":               {as(brokenConnection(), "firing", "")},
		"CRITICAL · CKafka task a · b: \"c\" failed (1 of 2), 1 RESOLVED · prod · ap-guangzhou":    {as(failedTask("task-1", "a · b: \"c\"", ""), "firing", ""), as(failedTask("task-2", "b", ""), "firing", ""), as(brokenConnection(), "resolved", "")},
		"RESOLVED · CKafka connection users-postgresql failed (1 of 2) · prod · ap-guangzhou":      {as(brokenConnection(), "resolved", ""), as(brokenConnection(), "resolved", "")},
		"EXPIRED, which does not mean recovered · CKafka task orders failed · prod · ap-guangzhou": {as(failedTask("task-1", "orders", ""), "resolved", "CKafkaTaskGone")},
		"CRITICAL · CKafka task " + string([]rune(long)[:108]) + "… · prod · ap-guangzhou":         {as(failedTask("task-1", long, ""), "firing", "")},
		"ALERT · datahub_task_status · prod · ap-guangzhou":                                        {{"status": "firing", "labels": map[string]string{"alertname": "datahub_task_status"}, "annotations": map[string]string{}}},
	} {
		if have := renderEnglish(t, "ckafka.title.en", alerts...); have != want {
			t.Errorf("want %s\nhave %s", want, have)
		}
	}
}

func TestEnglishText(t *testing.T) {
	t.Parallel()
	const want = `CRITICAL · CKafka task orders failed
Name: orders (task-1)
State: resume_failed · as last seen
Reason: other
Message: none from the cloud
Connection: resource-b4x8n3zr orders
What to do: Remove the cause that the message names, then restart the task in the console.
Alert since: 2026-11-25 01:06:00 UTC
Console: https://console.cloud.tencent.com/ckafka/datahub-overview

RESOLVED · CKafka connection users-postgresql failed
Name: users-postgresql (resource-b4x8n3zr)
Alert since: 2026-11-25 01:06:00 UTC, until 2036-11-25 01:06:00 UTC
Console: https://console.cloud.tencent.com/ckafka/datahub-connect
Runbook: https://git.example.com/datahub_exporter/docs/operations.md#ckafkaconnectionfailed`
	have := renderEnglish(t, "ckafka.text.en", as(failedTask("task-1", "orders", "none from the cloud 云端未给出"), "firing", ""), as(brokenConnection(), "resolved", ""))
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	var many []map[string]any
	for range 8 {
		many = append(many, as(brokenConnection(), "firing", ""))
	}
	have = renderEnglish(t, "ckafka.text.en", many...)
	if strings.Count(have, "Tasks (2): ") != 6 || !strings.HasSuffix(have, "… 8 in all; Alertmanager shows the others") {
		t.Errorf("want six of the eight alerts and how many there are, have:\n%s", have)
	}
}

// Alertmanager accepts the receiver for Slack that a comment shows.
func TestSlackExample(t *testing.T) {
	t.Parallel()
	shownAs, example, found := strings.Cut(readFile(t, shipped(t, alertmanagerConfig)), "  #   slack_configs:\n")
	if !found {
		t.Fatalf("%s shows no receiver for Slack", alertmanagerConfig)
	}
	path := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.CopyFS(filepath.Join(filepath.Dir(path), "templates"), os.DirFS(shipped(t, "deploy/alertmanager/templates"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(shownAs+"    slack_configs:\n"+strings.ReplaceAll(example, "  #   ", "    ")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := amtool(t, "check-config", path); err != nil || !strings.Contains(out, "SUCCESS") {
		t.Errorf("%v:\n%s", err, out)
	}
}
