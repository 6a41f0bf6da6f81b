package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"testing"
)

const tiersDocument = "docs/collector-tiers.md"

// watch starts a Prometheus that scrapes a collector's metrics about itself and
// evaluates the shipped rules.
func (c *tier) watch(t testing.TB) *prometheus {
	t.Helper()
	return startPrometheus(t, "prometheus3", writeConfig(t, document{
		"global":     document{"evaluation_interval": evaluationInterval},
		"rule_files": []any{"rules-collector-tiers.yml"},
		"scrape_configs": []any{document{
			"job_name": "collectors", "scrape_interval": scrapeInterval,
			"static_configs": []any{document{"targets": []string{c.telemetry}}},
		}},
	}, speedup))
}

// A full queue refuses pushes, and both the exporter and the agent report that.
// When the gateway is back, the backend gets the current state.
func TestFullQueueRefusesAndWhatHoldsArrives(t *testing.T) {
	t.Parallel()
	prometheus := startReceiver(t, receiveDirectly, speedup)
	gateway := startTier(t, []string{"BACKEND_ENDPOINT=http://" + prometheus.address + "/api/v1/otlp"}, gatewayConfig)
	agent := startTier(t, []string{"OTLP_ONWARD_ENDPOINT=" + gateway.otlp, "OTLP_ONWARD_INSECURE=true"}, agentConfig, "e2e/testdata/queue-small.yaml")
	changes := startChanges(t, agent)
	watcher := agent.watch(t)
	changes.become(t, 1)
	gateway.kill()
	watcher.awaitFiring(t, "CollectorPushesRefused", 1)
	watcher.awaitFiring(t, "CollectorQueueGrows", 1)
	eventually(t, func() error { // a push is retried until its timeout
		if failed := failedPushes(t, changes.exporter); failed == 0 {
			return errNotYet
		}
		return nil
	})
	paused := task(0)
	paused.Status = 2
	changes.cloud.setTasks(paused)
	gateway.run(t)
	awaitAll(t, changes.exporter, prometheus.address)
}

// A push that the backend refuses is sent only once: it is dropped and counted, and
// does not block those behind it.
func TestRefusedPushIsDroppedAndCounted(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of bounds", http.StatusBadRequest)
	}))
	t.Cleanup(backend.Close)
	gateway := startTier(t, []string{"BACKEND_ENDPOINT=" + backend.URL}, gatewayConfig)
	changes := startChanges(t, startAgent(t, gateway))
	changes.become(t, 1)
	changes.exporter.kill()
	gateway.watch(t).awaitFiring(t, "CollectorPushesDropped", 1)
	gateway.awaitQueue(t, drained)
}

// The collectors expose the metrics that the document says to watch, and a push is
// as large as the document says.
func TestDocumentOfTheTiers(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(shipped(t, tiersDocument))
	if err != nil {
		t.Fatal(err)
	}
	// These are exposed only once they count something; the alerts above cover
	// them.
	rare := []string{"otelcol_exporter_enqueue_failed_metric_points", "otelcol_exporter_send_failed_metric_points"}
	gateway := startTier(t, []string{"BACKEND_ENDPOINT=http://" + freeAddress(t)}, gatewayConfig)
	changes := &changes{cloud: startCloud(t, fleetOf(200)...)}
	changes.push(t, startAgent(t, gateway))
	names := regexp.MustCompile(`otelcol_\w+`).FindAllString(string(content), -1)
	if len(names) < 5 {
		t.Errorf("want the names to watch, have %v", names)
	}
	gateway.awaitQueue(t, holding)
	for _, name := range names {
		if _, shown, err := gateway.tells(t, name); !shown && !slices.Contains(rare, name) || err != nil {
			t.Errorf("%s: the collector does not show it (%v)", name, err)
		}
	}

	eventually(t, func() error {
		if have := changes.pushed(t); have < 10 {
			return fmt.Errorf("want 10 pushes, have %v", have)
		}
		return nil
	})
	before := changes.pushed(t)
	bytes, _, err := gateway.tells(t, "otelcol_exporter_queue_size")
	if err != nil {
		t.Fatal(err)
	}
	after := changes.pushed(t) + 1 // one may be in flight
	documented := regexp.MustCompile(`\| 200 \| ([0-9]+) kB \|`).FindSubmatch(content)
	if documented == nil {
		t.Fatalf("%s has no row of 200 tasks", tiersDocument)
	}
	var want float64
	if _, err := fmt.Sscan(string(documented[1]), &want); err != nil {
		t.Fatal(err)
	}
	if least, most := 0.75*want*before, 1.25*want*after; bytes/1000 < least || bytes/1000 > most {
		t.Errorf("%v pushes of 200 tasks: want %.0f to %.0f kB, have %.0f", before, least, most, bytes/1000)
	}
}
