package e2e

import (
	"path/filepath"
	"testing"
)

// The shipped configurations.
const (
	sidecarConfig = "otel-collector.yaml"
	scrapeConfig  = "deploy/otel-collector/scrape.yaml"
)

// collector is a real collector. It keeps its addresses across restarts.
type collector struct {
	*process
	otlp       string // where it receives OTLP over gRPC
	prometheus string // where it exposes what it received
	health     string
	env        []string
	configs    []string
}

// startCollector starts the collector with shipped configuration files, whose paths
// are relative to the project's root, and with additional environment variables.
func startCollector(t testing.TB, env []string, configs ...string) *collector {
	t.Helper()
	c := &collector{otlp: freeAddress(t), prometheus: freeAddress(t), health: freeAddress(t)}
	c.env = append([]string{
		"OTLP_LISTEN_ADDRESS=" + c.otlp,
		"PROMETHEUS_LISTEN_ADDRESS=" + c.prometheus,
		"HEALTH_LISTEN_ADDRESS=" + c.health,
		"TELEMETRY_PORT=0", // any
	}, env...)
	for _, config := range configs {
		c.configs = append(c.configs, "--config="+shipped(t, config))
	}
	c.run(t)
	return c
}

// run starts it, or starts it again, and waits until it reports that it is healthy.
func (c *collector) run(t testing.TB) {
	t.Helper()
	c.process = start(t, c.env, tool(t, "otelcol"), c.configs...)
	eventually(t, func() error {
		select {
		case <-c.ended:
			t.Fatalf("the collector ended: %v", c.err)
		default:
		}
		_, err := fetch(t.Context(), "http://"+c.health)
		return err
	})
}

// endpoint returns the flag that makes the exporter push to the collector.
func (c *collector) endpoint() string {
	return "--otlp.endpoint=http://" + c.otlp
}

// shipped returns the path of a file in the project.
func shipped(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}
