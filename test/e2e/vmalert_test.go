package e2e

import (
	"path/filepath"
	"testing"
	"time"
)

// vmalert writes what it records with a delay, so that no rule sees what another one
// has just recorded. The last known states outlive the exporter with it, too: an alert
// keeps firing, and one that waits goes on waiting.
func TestVmalertKeepsTheLastKnownState(t *testing.T) {
	t.Parallel()
	cloud := startCloud(t, task(0), paused(1), withStatus(2, 9), withStatus(3, 99))
	exporter := startExporter(t, cloud, nightFlags()...)
	config := prometheusConfig(t, scrapeAsRecommended, exporter.address)
	rules := filepath.Join(filepath.Dir(config), "rules-recommended.yml")
	spoilRules(t, rules, func(rule document) {
		if rule["alert"] == "CKafkaTaskPaused" {
			rule["for"] = "15s" // an hour
		}
	})
	storage := &prometheus{address: startVictoriaMetrics(t, "-promscrape.config="+config, "-promscrape.config.strictParse=false")}
	storage.awaitValue(t, `count(datahub_task_status)`, 4)

	alerts := &prometheus{address: freeAddress(t)}
	alerts.process = start(t, nil, tool(t, "vmalert"), "-httpListenAddr="+alerts.address, "-rule="+rules, "-notifier.blackhole",
		"-datasource.url=http://"+storage.address, "-remoteRead.url=http://"+storage.address, "-remoteWrite.url=http://"+storage.address,
		"-remoteWrite.flushInterval=200ms", "-evaluationInterval=1s", "-rule.evalDelay=1s")
	failed := alerts.awaitFiring(t, "CKafkaTaskFailed", 1)[0]
	unknown := alerts.awaitFiring(t, "CKafkaTaskStateUnknown", 1)[0]
	exporter.kill()
	// Longer than any alert goes on without its cause.
	storage.awaitValue(t, `count_over_time((up{job="datahub-exporter"} == 0)[1m:1s])`, 15)
	waited := alerts.awaitFiring(t, "CKafkaTaskPaused", 1)[0]
	for _, before := range []alert{failed, unknown} {
		if after := alerts.awaitFiring(t, before.Labels["alertname"], 1)[0]; !after.ActiveAt.Equal(before.ActiveAt) {
			t.Errorf("%s: active since %v before the exporter was killed and %v after it", before.Labels["alertname"], before.ActiveAt, after.ActiveAt)
		}
	}
	if waited.ActiveAt.After(failed.ActiveAt.Add(5 * time.Second)) {
		t.Errorf("CKafkaTaskPaused: want it active since the start (%v), have %v", failed.ActiveAt, waited.ActiveAt)
	}
}
