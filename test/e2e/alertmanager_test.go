package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"datahub_exporter/internal/cloudsim"
)

// alertmanagers are the oldest and newest versions that the shipped file supports.
func alertmanagers() []string { return []string{"alertmanager25", "alertmanager34"} }

// notification is what Alertmanager sends to a webhook.
type notification struct {
	Receiver, Status string
	Alerts           []toldAlert
}

type toldAlert struct {
	Status              string
	Labels, Annotations map[string]string
}

// name returns the alert's name, its item and its status.
func (a toldAlert) name() string {
	return strings.TrimSpace(a.Labels["alertname"] + " " + a.Labels["TaskName"] + a.Labels["ResourceName"] + " " + a.Status)
}

// told returns all alerts sent so far, in order.
func (w *webhook) told(t testing.TB) (told []toldAlert) {
	t.Helper()
	for _, message := range w.all() {
		var sent notification
		if err := json.Unmarshal(message.body, &sent); err != nil {
			t.Fatal(err)
		}
		told = append(told, sent.Alerts...)
	}
	return told
}

// awaitTold waits until an alert has been sent and returns it.
func (w *webhook) awaitTold(t testing.TB, name string) toldAlert {
	t.Helper()
	var found toldAlert
	eventually(t, func() error {
		var have []string
		for _, alert := range w.told(t) {
			if alert.name() == name {
				found = alert
				return nil
			}
			have = append(have, alert.name())
		}
		return fmt.Errorf("want %q, have %q", name, have)
	})
	return found
}

// watch runs the shipped files: an exporter on the cloud, a Prometheus that scrapes
// it and an Alertmanager, with minutes shortened to seconds.
func watch(t testing.TB, c *cloud, alertmanager string) (*webhook, *prometheus) {
	t.Helper()
	hook := startWebhook(t)
	alerts := startAlertmanager(t, alertmanager, acceleratedAlertmanager(t, alertmanagerConfig, nightSpeedup, func(webhook document) {
		webhook["url"] = hook.url
	}))
	config := readYAML(t, scrapeAsRecommended)
	config["global"] = document{"evaluation_interval": evaluationInterval}
	// The documented alerts too: none of them is sent next to a recommended one.
	config["rule_files"] = []any{"rules-recommended.yml", "rules.yml"}
	exporter := startExporter(t, c, nightFlags()...)
	for _, job := range config["scrape_configs"].([]any) {
		job := job.(document)
		job["scrape_interval"] = minute.String()
		job["static_configs"] = []any{document{"targets": []string{exporter.address}}}
	}
	config["alerting"].(document)["alertmanagers"] = []any{document{"static_configs": []any{document{"targets": []string{alerts.address}}}}}
	prometheus := startPrometheus(t, "prometheus2", writeConfig(t, config, nightSpeedup), "--query.lookback-delta="+(5*minute).String())
	prometheus.awaitValue(t, `count(datahub_task:connection:last_known)`, 1)
	prometheus.awaitValue(t, `count(connect_resource:status:last_known)`, 1)
	return hook, prometheus
}

func TestAlertmanagerTellsOfABrokenConnectionOnce(t *testing.T) {
	t.Parallel()
	for _, program := range alertmanagers() {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			tellsOfABrokenConnectionOnce(t, program)
		})
	}
}

func tellsOfABrokenConnectionOnce(t *testing.T, program string) {
	t.Helper()
	const refusal = "Connection to 10.12.4.17:3306 refused."
	// behind returns a task with a status that uses a connection.
	behind := func(i int, connection string, status int64) cloudsim.Item {
		item := task(i)
		item.Type, item.Source, item.Target, item.Resource, item.Status = "SOURCE", "MYSQL", "TOPIC", connection, status
		if status != 1 {
			item.ErrorMessage = "java.lang.OutOfMemoryError"
		}
		return item
	}
	broken := connection(7)
	broken.ErrorMessage = refusal
	another := cloudsim.Item{ID: "resource-2", Name: "users-mysql", Status: 1}
	c := startCloud(t)
	set := func(mysql cloudsim.Item, tasks ...cloudsim.Item) {
		c.fleet.Set(cloudsim.DescribeConnectResources, region, mysql, another)
		c.setTasks(tasks...)
	}
	set(connection(1), behind(0, "resource-1", 1), behind(1, "resource-1", 1), behind(2, "resource-2", 1))
	hook, _ := watch(t, c, program)

	set(broken, behind(0, "resource-1", 9), behind(1, "resource-1", 9), behind(2, "resource-2", 1))
	have := hook.awaitTold(t, "CKafkaConnectionFailed orders-mysql firing")
	want := map[string]string{
		"message": refusal, "reason": "connection_refused", "state": "异常 abnormal", "region": region,
		"tasks": "2: orders-0000 (task-0000), orders-0001 (task-0001)", "name": "orders-mysql (resource-1)",
	}
	for key, text := range want {
		if have.Annotations[key] != text {
			t.Errorf("annotation %s: want %q, have %q", key, text, have.Annotations[key])
		}
	}
	if !strings.HasPrefix(have.Annotations["action"], "Check that the database or broker runs") || have.Labels["severity"] != "critical" || have.Labels["team"] != "orders" {
		t.Errorf("want the remedy of the reason, a severity and a team, have %v", have)
	}

	// Another task fails for a reason that no connection explains.
	set(broken, behind(0, "resource-1", 9), behind(1, "resource-1", 9), behind(2, "resource-2", 9))
	hook.awaitTold(t, "CKafkaTaskFailed orders-0002 firing")
	set(connection(1), behind(0, "resource-1", 1), behind(1, "resource-1", 1), behind(2, "resource-2", 1))
	hook.awaitTold(t, "CKafkaTaskFailed orders-0002 resolved")
	hook.awaitTold(t, "CKafkaConnectionFailed orders-mysql resolved")
	var fired []string
	for _, alert := range hook.told(t) {
		// A slow start rightly fires an alert that no series arrive.
		if item := itemOf(alert.Labels); item != "" && alert.Status == "firing" && !slices.Contains(fired, alert.name()) {
			fired = append(fired, alert.name())
		}
	}
	slices.Sort(fired)
	if diff := cmp.Diff([]string{"CKafkaConnectionFailed orders-mysql firing", "CKafkaTaskFailed orders-0002 firing"}, fired); diff != "" {
		t.Errorf("alerts that were told (-want +have):\n%s", diff)
	}
}

// toldFleet is a fleet whose clock stands still until it is started, and then runs
// as fast as a night.
type toldFleet struct {
	cloudsim.Fleet
	from  time.Time
	began atomic.Pointer[time.Time]
}

func (f *toldFleet) Items(action, region string, now time.Time) ([]cloudsim.Item, bool) {
	at := f.from
	if began := f.began.Load(); began != nil {
		at = at.Add(nightSpeedup * now.Sub(*began))
	}
	return f.Fleet.Items(action, region, at)
}

// The demo's incident sends one alert with the cloud's own message, and then one
// that it is resolved.
func TestTheDemonstrationRaisesAndResolves(t *testing.T) {
	t.Parallel()
	start := time.Now()
	fleet := &toldFleet{Fleet: cloudsim.Demo(start), from: start} // a minute before the incident
	hook, prometheus := watch(t, serveFleet(t, fleet, "ap-guangzhou", "ap-shanghai"), "alertmanager25")
	began := time.Now()
	fleet.began.Store(&began)
	have := hook.awaitTold(t, "CKafkaConnectionFailed users-postgresql firing")
	for key, text := range map[string]string{
		"message": "refused", "reason": "connection_refused", "state": "异常 abnormal", "tasks": "user-login-events", "action": "Check that the database or broker runs",
	} {
		if !strings.Contains(have.Annotations[key], text) {
			t.Errorf("annotation %s: want %q in it, have %q", key, text, have.Annotations[key])
		}
	}
	hook.awaitTold(t, "CKafkaConnectionFailed users-postgresql resolved")
	prometheus.awaitValue(t, `absent(ALERTS{alertname="CKafkaTaskFailed",TaskName=~"用户画像同步|user-login-events"})`, 1)
	for _, alert := range hook.told(t) {
		if behind := []string{"用户画像同步", "user-login-events"}; alert.Status == "firing" && slices.Contains(behind, alert.Labels["TaskName"]) {
			t.Errorf("want nothing told of the tasks behind the connection, have %s", alert.name())
		}
	}
}

// What says the same as another alert is not sent next to it: a task that stands behind a
// broken connection, the lag of a task that stands, and that progress is not known where
// the tasks are not.
func TestAlertmanagerMutesWhatAnotherAlertExplains(t *testing.T) {
	t.Parallel()
	hook := startWebhook(t)
	alerts := startAlertmanager(t, "alertmanager25", acceleratedAlertmanager(t, alertmanagerConfig, nightSpeedup, func(webhook document) {
		webhook["url"] = hook.url
	}))
	of := func(name, severity, id string) map[string]any {
		labels := map[string]string{"alertname": name, "severity": severity, "region": region}
		if id != "" {
			labels["TaskId"], labels["TaskName"] = id, id
		}
		return map[string]any{"labels": labels}
	}
	alerts.post(t,
		of("CKafkaTaskBehindFailedConnection", "none", "behind"), of("CKafkaTaskStalled", "critical", "behind"), of("CKafkaTaskFallsBehind", "warning", "behind"),
		of("CKafkaTaskStalled", "critical", "stands"), of("CKafkaTaskFallsBehind", "warning", "stands"), of("CKafkaTaskFallsBehind", "warning", "slow"),
		of("CKafkaTasksNotKnown", "critical", ""), of("CKafkaProgressNotKnown", "warning", ""), of("CKafkaProgressNotFound", "info", ""))
	want := []string{"CKafkaProgressNotFound  firing", "CKafkaTaskFallsBehind slow firing", "CKafkaTaskStalled stands firing", "CKafkaTasksNotKnown  firing"}
	for _, name := range want {
		hook.awaitTold(t, name)
	}
	var have []string
	for _, alert := range hook.told(t) {
		have = append(have, alert.name())
	}
	slices.Sort(have)
	if diff := cmp.Diff(want, slices.Compact(have)); diff != "" {
		t.Errorf("alerts that were told (-want +have):\n%s", diff)
	}
}
