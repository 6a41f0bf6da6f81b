package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The shipped configurations of the two tiers of collectors, and the overlays of
// the gateway's.
const (
	agentConfig       = "deploy/otel-collector/agent.yaml"
	gatewayConfig     = "deploy/otel-collector/gateway.yaml"
	kafkaConfig       = "deploy/otel-collector/gateway-kafka.yaml"
	remoteWriteConfig = "deploy/otel-collector/gateway-remote-write.yaml"
)

// startTier starts an agent or a gateway, and returns it with the address of its
// metrics about itself.
func startTier(t testing.TB, config, endpoint string, env ...string) (tier *collector, telemetry string) {
	t.Helper()
	telemetry = freeAddress(t)
	host, port, _ := strings.Cut(telemetry, ":")
	env = append(env, endpoint, "QUEUE_DIRECTORY="+filepath.Join(t.TempDir(), "queue"), "TELEMETRY_HOST="+host, "TELEMETRY_PORT="+port)
	return startCollector(t, env, config), telemetry
}

// What is pushed through an agent and a gateway is in Prometheus as a scrape shows
// it, and both expose the metrics that the document says to watch.
func TestCollectorTiers(t *testing.T) {
	t.Parallel()
	prometheus := startReceiver(t, receiveDirectly, speedup)
	gateway, gatewayTelemetry := startTier(t, gatewayConfig, "BACKEND_ENDPOINT=http://"+prometheus.address+"/api/v1/otlp")
	agent, agentTelemetry := startTier(t, agentConfig, "OTLP_ONWARD_ENDPOINT="+gateway.otlp, "OTLP_ONWARD_INSECURE=true")
	exporter := startExporterWith(t, []string{"OTEL_RESOURCE_ATTRIBUTES=service.instance.id=e2e"}, startCloud(t, strange()...),
		still, agent.endpoint(), often)
	requireTheSame(t, exporter, nil, prometheus.address, "job", "instance")

	for _, telemetry := range []string{agentTelemetry, gatewayTelemetry} {
		shown, err := scrape(t.Context(), telemetry, "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range watchedMetrics(t) {
			if len(shown[name].Series) == 0 {
				t.Errorf("%s: the collector does not expose it", name)
			}
		}
	}
}

// watchedMetrics returns the collector's metrics that the document says to watch,
// except for those that a collector exposes only once they count something.
func watchedMetrics(t testing.TB) []string {
	t.Helper()
	content, err := os.ReadFile(shipped(t, "docs/collector-tiers.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`otelcol_\w+`).FindAllString(string(content), -1)
	if len(names) < 5 {
		t.Errorf("want the names to watch, have %v", names)
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_failed_metric_points") })
}
