package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// outage is how long a gateway is down.
const outage = time.Minute

// A gateway is down for a minute, in which the status of one task changes every few
// seconds and another task fails and stays failed. The agent keeps what was pushed,
// and the backend gets all of it when the gateway is back.
func TestGatewayKilledForAMinuteLosesNoChange(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		endpoint string
		configs  []string
	}{
		"OTLP":         {"/api/v1/otlp", []string{gatewayConfig}},
		"remote write": {"/api/v1/write", []string{gatewayConfig, remoteWriteConfig}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prometheus := startReceiver(t, receiveDirectly, speedup, "--web.enable-remote-write-receiver")
			gateway := startTier(t, []string{"BACKEND_ENDPOINT=http://" + prometheus.address + way.endpoint}, way.configs...)
			agent := startAgent(t, gateway)
			changes := startChanges(t, agent)
			changes.become(t, 1, task(1))
			changes.awaitHistory(t, prometheus.address, changes.told...)

			gateway.kill()
			failed := task(1)
			failed.Status = 9
			for killed, i := time.Now(), 0; time.Since(killed) < outage; i++ {
				changes.become(t, int64(2+i%5), failed)
			}
			if have, err := changes.history(t, prometheus.address); err != nil || len(have) != 1 {
				t.Errorf("want the status before the outage alone, have %v (%v): what is tested is no outage", have, err)
			}
			agent.awaitQueue(t, holding)
			gateway.run(t)
			back := time.Now()

			changes.awaitHistory(t, prometheus.address, changes.told...)
			awaitAll(t, changes.exporter, prometheus.address)
			t.Logf("%d changes in %v, all there %v after the gateway", len(changes.told)-1, outage, time.Since(back).Round(time.Millisecond))
			if failed := failedPushes(t, changes.exporter); failed > 0 {
				t.Errorf("want no push that failed, have %v", failed)
			}
		})
	}
}

// awaitAll waits until a server has every series that the exporter shows, with its
// value, except for timestamps, which change with each refresh. Series that ended
// earlier are still there, because OTLP does not signal that.
func awaitAll(t *testing.T, e *exporter, address string) {
	t.Helper()
	eventually(t, func() error {
		shown, err := scrape(t.Context(), e.address, tasksPath, connectionsPath)
		if err != nil {
			return err
		}
		have, _, err := kept(t, address, "job", "instance")
		if err != nil {
			return err
		}
		timeless := func(name string) bool { return !strings.HasSuffix(name, "_timestamp_seconds") }
		want, have := untyped(shown.only(timeless)), have.only(timeless)
		for name := range have {
			maps.DeleteFunc(have[name].Series, func(labels string, _ float64) bool {
				_, shows := want[name].Series[labels]
				return !shows
			})
		}
		if diff := difference(want, have); diff != "" {
			return fmt.Errorf("exporter and backend differ (-exporter +backend):\n%s", shorten(diff))
		}
		return nil
	})
}

// The backend is down, and the gateway and the agent are killed: what was pushed is
// on disk, and arrives when all are back. A queue in memory does not survive.
func TestQueueOutlivesARestart(t *testing.T) {
	t.Parallel()
	const overOTLP, byRemoteWrite = "/opentelemetry", "/api/v1/write"
	for name, test := range map[string]struct {
		endpoint string
		configs  []string
		keeper   func(agent, gateway *tier) *tier // whose queue it is
		forgets  bool
	}{
		"of the gateway":                 {overOTLP, []string{gatewayConfig}, theGateway, false},
		"of the gateway, but in memory":  {overOTLP, []string{gatewayConfig, "e2e/testdata/queue-in-memory.yaml"}, theGateway, true},
		"of the agent, for remote write": {byRemoteWrite, []string{gatewayConfig, remoteWriteConfig}, theAgent, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backend := freeAddress(t)
			gateway := startTier(t, []string{"BACKEND_ENDPOINT=http://" + backend + test.endpoint}, test.configs...)
			agent := startAgent(t, gateway)
			changes := startChanges(t, agent)
			changes.become(t, 1)
			changes.become(t, 2)
			changes.become(t, 6)
			changes.exporter.kill()
			keeper := test.keeper(agent, gateway)
			if keeper == gateway {
				agent.awaitQueue(t, drained)
			}
			keeper.awaitQueue(t, holding)
			agent.kill()
			gateway.kill()

			gateway.run(t)
			runVictoriaMetrics(t, backend, "-relabelConfig="+shipped(t, "deploy/victoriametrics/relabel-otlp.yml"))
			agent.run(t)
			changes.push(t, agent)
			changes.become(t, 6) // the next push brings the current state
			changes.become(t, 7)
			want := slices.Compact(changes.told)
			if test.forgets {
				want = []string{"6", "7"}
			}
			changes.awaitHistory(t, backend, want...)
		})
	}
}

func theGateway(_, gateway *tier) *tier { return gateway }
func theAgent(agent, _ *tier) *tier     { return agent }
