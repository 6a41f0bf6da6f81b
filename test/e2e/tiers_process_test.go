package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"datahub_exporter/internal/cloudsim"
)

// The shipped configurations of the two tiers, and those to merge into the
// gateway's.
const (
	agentConfig       = "deploy/otel-collector/agent.yaml"
	gatewayConfig     = "deploy/otel-collector/gateway.yaml"
	kafkaConfig       = "deploy/otel-collector/gateway-kafka.yaml"
	remoteWriteConfig = "deploy/otel-collector/gateway-remote-write.yaml"
)

// tier is an agent or a gateway. It keeps its queue across restarts.
type tier struct {
	*collector
	telemetry string // where it exposes metrics about itself
}

func startTier(t testing.TB, env []string, configs ...string) *tier {
	t.Helper()
	telemetry := freeAddress(t)
	host, port, err := net.SplitHostPort(telemetry)
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, "QUEUE_DIRECTORY="+filepath.Join(t.TempDir(), "queue"), "TELEMETRY_HOST="+host, "TELEMETRY_PORT="+port)
	return &tier{startCollector(t, env, configs...), telemetry}
}

// startAgent starts an agent that sends to a gateway.
func startAgent(t testing.TB, gateway *tier) *tier {
	t.Helper()
	return startTier(t, []string{"OTLP_ONWARD_ENDPOINT=" + gateway.otlp, "OTLP_ONWARD_INSECURE=true"}, agentConfig)
}

// tells returns the sum of a collector's metric about itself, and whether the
// collector exposes it.
func (c *tier) tells(t testing.TB, name string) (sum float64, shown bool, err error) {
	t.Helper()
	all, err := scrape(t.Context(), c.telemetry, "/metrics")
	for _, value := range all[name].Series {
		sum += value
	}
	return sum, len(all[name].Series) > 0, err
}

// awaitQueue waits until the size of the queue in bytes is right.
func (c *tier) awaitQueue(t testing.TB, right func(bytes float64) bool) {
	t.Helper()
	eventually(t, func() error {
		bytes, shown, err := c.tells(t, "otelcol_exporter_queue_size")
		if err != nil || !shown || !right(bytes) {
			return fmt.Errorf("the queue has %v bytes (%v): %w", bytes, shown, orNotYet(err))
		}
		return nil
	})
}

func drained(bytes float64) bool { return bytes == 0 }
func holding(bytes float64) bool { return bytes > 0 }

// changes is a task whose status changes, and what has been pushed about it.
type changes struct {
	cloud    *cloud
	exporter *exporter
	told     []string // the statuses, in order
}

// startChanges starts an exporter that pushes to an agent every second.
func startChanges(t testing.TB, agent *tier) *changes {
	t.Helper()
	c := &changes{cloud: startCloud(t)}
	c.push(t, agent)
	return c
}

// push starts the exporter, or starts it again.
func (c *changes) push(t testing.TB, agent *tier) {
	t.Helper()
	c.exporter = startExporterWith(t, []string{"OTEL_RESOURCE_ATTRIBUTES=service.instance.id=e2e"}, c.cloud,
		lively, agent.endpoint(), "--otlp.interval=1s")
}

// become sets the task's status and the other tasks, and returns when that has been
// pushed.
func (c *changes) become(t testing.TB, status int64, others ...cloudsim.Item) {
	t.Helper()
	changed := task(0)
	changed.Status = status
	c.cloud.setTasks(append([]cloudsim.Item{changed}, others...)...)
	c.told = append(c.told, strconv.FormatInt(status, 10))
	eventually(t, func() error {
		shown, err := scrape(t.Context(), c.exporter.address, tasksPath)
		if err != nil {
			return err
		}
		for labels, value := range shown["datahub_task_status"].Series {
			if strings.Contains(labels, changed.ID) && value == float64(status) {
				return nil
			}
		}
		return fmt.Errorf("the exporter does not yet show the status %d", status)
	})
	// One push with the previous status may be in flight.
	before := c.pushed(t)
	eventually(t, func() error {
		if have := c.pushed(t); have < before+2 {
			return fmt.Errorf("want %v pushes, have %v", before+2, have)
		}
		return nil
	})
}

// pushed returns the number of successful pushes of tasks.
func (c *changes) pushed(t testing.TB) float64 {
	t.Helper()
	shown, err := scrape(t.Context(), c.exporter.address, "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	return shown["datahub_exporter_otlp_pushes_total"].Series[`{pushed="tasks", result="success"}`]
}

// history returns the task's statuses in a backend, in order of time.
func (c *changes) history(t testing.TB, backend string) ([]string, error) {
	t.Helper()
	query := url.Values{"query": {fmt.Sprintf("datahub_task_status{TaskId=%q}[30m]", task(0).ID)}}
	body, err := fetch(t.Context(), "http://"+backend+"/api/v1/query?"+query.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Result []struct{ Values [][2]any }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("decode %s: %w", query, err)
	}
	if len(answer.Data.Result) != 1 {
		return nil, fmt.Errorf("want one series, have %d", len(answer.Data.Result))
	}
	samples := answer.Data.Result[0].Values
	slices.SortStableFunc(samples, func(a, b [2]any) int { return cmp.Compare(a[0].(float64), b[0].(float64)) })
	var statuses []string
	for _, sample := range samples {
		statuses = append(statuses, sample[1].(string))
	}
	return slices.Compact(statuses), nil
}

// awaitHistory waits until a backend has all statuses of the task in order.
func (c *changes) awaitHistory(t testing.TB, backend string, want ...string) {
	t.Helper()
	eventually(t, func() error {
		have, err := c.history(t, backend)
		if err == nil && !slices.Equal(have, want) {
			err = fmt.Errorf("statuses: want %v, have %v", want, have)
		}
		return err
	})
}
