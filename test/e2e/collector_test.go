package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"datahub_exporter/internal/cloudsim"
)

// still keeps one snapshot for the whole test, so that the scrape and the push come
// from the same one; lively makes a new one for almost each of them.
const (
	still  = "--ckafka.min-interval=4m"
	lively = "--ckafka.min-interval=500ms"
	often  = "--otlp.interval=200ms"
)

// parity returns an error with the differences between what the exporter and the
// collector show.
func parity(t testing.TB, e *exporter, c *collector) error {
	t.Helper()
	want, err := scrape(t.Context(), e.address, tasksPath, connectionsPath)
	if err != nil {
		return err
	}
	have, err := scrape(t.Context(), c.prometheus, "/metrics")
	if err != nil {
		return err
	}
	if diff := difference(want, have.documented()); diff != "" {
		return fmt.Errorf("exporter and collector differ (-exporter +collector):\n%s", shorten(diff))
	}
	return nil
}

// strange returns tasks with names that a quoting mistake anywhere would change.
func strange() []cloudsim.Item {
	items := fleetOf(5)
	for i, name := range []string{`say "orders"`, `C:\kafka\`, "two\nlines", "用户画像同步 风控", "🦀 fleet 🚦"} {
		items[i].Name = name
	}
	return append(items, cloudsim.Item{ID: "task-null", Name: "unknown", Fields: map[string]any{"Status": nil}})
}

func TestCollectorShowsWhatTheExporterShows(t *testing.T) {
	t.Parallel()
	for name, tasks := range map[string][]cloudsim.Item{"5 tasks": fleetOf(5), "2500 tasks": fleetOf(2500), "strange names": strange()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := startCollector(t, nil, sidecarConfig)
			exporter := startExporter(t, startCloud(t, tasks...), still, collector.endpoint(), often)
			eventually(t, func() error { return parity(t, exporter, collector) })
			shown, err := scrape(t.Context(), collector.prometheus, "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			if want, have := len(tasks), len(shown["datahub_task_status"].Series); want != have {
				t.Errorf("datahub_task_status: want %d series, have %d", want, have)
			}
			t.Logf("%d families, %d statuses of tasks, no difference", len(shown.documented()), len(tasks))
		})
	}
}

// The shipped sidecar accepts messages of 4 MiB, a collector's default. The test
// uses both cores, so it does not run in parallel.
func TestLargeFleetArrivesWithDefaultLimits(t *testing.T) {
	collector := startCollector(t, nil, sidecarConfig)
	exporter := startExporter(t, startCloud(t, fleetOf(20_000)...), "--ckafka.qps=1000", "--ckafka.timeout=1m", still, collector.endpoint(), "--otlp.interval=5s")
	eventually(t, func() error { return parity(t, exporter, collector) })
	if failed := failedPushes(t, exporter); failed > 0 {
		t.Errorf("want no push that failed, have %v", failed)
	}
}

// Apart from the documented series, the sidecar shows only the exporter's own
// metrics, as /metrics has them, and none that the collector makes.
func TestCollectorAddsNothing(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, nil, sidecarConfig)
	exporter := startExporter(t, startCloud(t, fleetOf(5)...), still, collector.endpoint(), often)
	eventually(t, func() error {
		want, err := scrape(t.Context(), exporter.address, "/metrics", tasksPath, connectionsPath)
		if err != nil {
			return err
		}
		have, err := scrape(t.Context(), collector.prometheus, "/metrics")
		if err != nil {
			return err
		}
		if _, pushed := have["ckafka_api_requests_total"]; !pushed {
			return errors.New("ckafka_api_requests_total has not arrived")
		}
		for name, shown := range have {
			if shown.Type != want[name].Type {
				return fmt.Errorf("%s: want the exporter's type %q, have %s", name, want[name].Type, shown.Type)
			}
			for labels := range shown.Series {
				if _, known := want[name].Series[labels]; !known {
					return fmt.Errorf("%s: the exporter has no series %s", name, labels)
				}
			}
		}
		return nil
	})
}

// The comparison notices a collector that is not configured as shipped.
func TestParityFailsWithAnotherConfiguration(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, nil, sidecarConfig, "test/e2e/testdata/scope-labels.yaml")
	exporter := startExporter(t, startCloud(t, fleetOf(5)...), still, collector.endpoint(), often)
	eventually(t, func() error {
		err := parity(t, exporter, collector)
		if err == nil || !strings.Contains(err.Error(), "otel_scope_name") {
			return fmt.Errorf("want a difference by otel_scope_name, have: %w", cmp.Or(err, errNotYet))
		}
		return nil
	})
}

func TestDeletedTaskVanishesFromTheCollector(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, []string{"METRIC_EXPIRATION=2s"}, sidecarConfig)
	cloud := startCloud(t, fleetOf(5)...)
	exporter := startExporter(t, cloud, lively, collector.endpoint(), often)
	eventually(t, func() error { return parity(t, exporter, collector) })
	cloud.setTasks(fleetOf(4)...)
	eventually(t, func() error {
		shown, err := scrape(t.Context(), collector.prometheus, "/metrics")
		if have := len(shown["datahub_task_status"].Series); have != 4 {
			return fmt.Errorf("want 4 tasks, have %d: %w", have, cmp.Or(err, errNotYet))
		}
		return parity(t, exporter, collector)
	})
}

func TestCollectorRestartsAndTheNextPushArrives(t *testing.T) {
	t.Parallel()
	for name, failures := range map[string]float64{"at once": 0, "after many failed pushes": 60} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := startCollector(t, nil, sidecarConfig)
			exporter := startExporterWith(t, []string{"OTEL_EXPORTER_OTLP_TIMEOUT=" + pushTimeout},
				startCloud(t, fleetOf(5)...), still, collector.endpoint(), often)
			eventually(t, func() error { return parity(t, exporter, collector) })
			collector.kill()
			if err := parity(t, exporter, collector); err == nil {
				t.Error("want no answer from a collector that was killed")
			}
			eventually(t, func() error {
				if have := failedPushes(t, exporter); have < failures {
					return fmt.Errorf("want %v failed pushes, have %v", failures, have)
				}
				return nil
			})
			collector.run(t)
			back := time.Now()
			eventually(t, func() error { return parity(t, exporter, collector) })
			t.Logf("the next push arrived %v after the collector", time.Since(back).Round(time.Millisecond))
		})
	}
}

func TestOutageArrivesOverOTLP(t *testing.T) {
	t.Parallel()
	collector := startCollector(t, nil, sidecarConfig)
	cloud := startCloud(t, fleetOf(5)...)
	startExporter(t, cloud, lively, collector.endpoint(), often)
	target := fmt.Sprintf("{region=%q}", region)
	shows := func(name string, right func(value float64) bool) {
		t.Helper()
		eventually(t, func() error {
			shown, err := scrape(t.Context(), collector.prometheus, "/metrics")
			if err != nil {
				return err
			}
			if value, known := shown[name].Series[target]; !known || !right(value) {
				return fmt.Errorf("%s: have %v (%v)", name, value, known)
			}
			if have := len(shown["datahub_task_status"].Series); have != 5 {
				return fmt.Errorf("want the 5 statuses, have %d", have)
			}
			return nil
		})
	}
	shows("datahub_task_up", func(value float64) bool { return value == 1 })
	cloud.refuse()
	shows("datahub_task_up", func(value float64) bool { return value == 0 })
	shows("datahub_task_error_count", func(value float64) bool { return value >= 3 })
	shows("connect_resource_error_count", func(value float64) bool { return value >= 3 })
	cloud.Always("", "", nil)
	shows("datahub_task_up", func(value float64) bool { return value == 1 })
}

func TestCollectorHandsOn(t *testing.T) {
	t.Parallel()
	upstream := startCollector(t, nil, sidecarConfig)
	sidecar := startCollector(t, []string{
		"OTLP_ONWARD_EXPORTERS=[debug, otlp_grpc]", "OTLP_ONWARD_ENDPOINT=" + upstream.otlp, "OTLP_ONWARD_INSECURE=true",
	}, sidecarConfig)
	exporter := startExporter(t, startCloud(t, fleetOf(5)...), still, sidecar.endpoint(), often)
	eventually(t, func() error { return parity(t, exporter, upstream) })
	upstream.kill()
	eventually(t, func() error { return parity(t, exporter, sidecar) })
	upstream.run(t)
	eventually(t, func() error { return parity(t, exporter, upstream) })
}

func TestCollectorThatScrapesShowsWhatPrometheusWouldKeep(t *testing.T) {
	t.Parallel()
	for name, tasks := range map[string][]cloudsim.Item{"5 tasks": fleetOf(5), "2500 tasks": fleetOf(2500), "strange names": strange()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exporter := startExporter(t, startCloud(t, tasks...), still)
			collector := startCollector(t, []string{"EXPORTER_ADDRESS=" + exporter.address, "SCRAPE_INTERVAL=1s"}, scrapeConfig)
			eventually(t, func() error {
				want, err := scrapeAs(t.Context(), jobs(), exporter.address, tasksPath, connectionsPath)
				if err != nil {
					return err
				}
				have, err := scrape(t.Context(), collector.prometheus, "/metrics")
				if err != nil {
					return err
				}
				if diff := difference(want, have.documented()); diff != "" {
					return fmt.Errorf("exporter and collector differ (-exporter +collector):\n%s", shorten(diff))
				}
				return nil
			})
		})
	}
}

func TestDeletedTaskVanishesFromTheCollectorThatScrapes(t *testing.T) {
	t.Parallel()
	cloud := startCloud(t, fleetOf(5)...)
	exporter := startExporter(t, cloud, lively)
	collector := startCollector(t, []string{"EXPORTER_ADDRESS=" + exporter.address, "SCRAPE_INTERVAL=1s"}, scrapeConfig)
	has := func(want int) {
		t.Helper()
		eventually(t, func() error {
			shown, err := scrape(t.Context(), collector.prometheus, "/metrics")
			if have := len(shown["datahub_task_status"].Series); have != want {
				return fmt.Errorf("want %d tasks, have %d: %w", want, have, cmp.Or(err, errNotYet))
			}
			return nil
		})
	}
	has(5)
	cloud.setTasks(fleetOf(4)...)
	has(4)
}

func TestShippedCollectorConfigurationsAreValid(t *testing.T) {
	t.Parallel()
	for _, configs := range [][]string{
		{sidecarConfig}, {scrapeConfig}, {agentConfig}, {gatewayConfig}, {gatewayConfig, kafkaConfig}, {gatewayConfig, remoteWriteConfig},
	} {
		t.Run(strings.Join(configs, " "), func(t *testing.T) {
			args := []string{"validate"}
			for _, config := range configs {
				args = append(args, "--config="+shipped(t, config))
			}
			validate := exec.CommandContext(t.Context(), tool(t, "otelcol"), args...)
			if out, err := validate.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("want nothing, have %v:\n%s", err, out)
			}
		})
	}
}

// A series outlives a failed push, and expires within Prometheus' own lookback.
func TestExpirationOutlivesOneFailedPush(t *testing.T) {
	t.Parallel()
	const pushInterval, pushTimeout = time.Minute, 10 * time.Second // the exporter's defaults
	config := readYAML(t, sidecarConfig)
	setting := config["exporters"].(document)["prometheus"].(document)["metric_expiration"].(string)
	expiration, err := time.ParseDuration(strings.TrimSuffix(strings.TrimPrefix(setting, "${env:METRIC_EXPIRATION:-"), "}"))
	if err != nil {
		t.Fatal(err)
	}
	if least, most := 2*pushInterval+pushTimeout, 5*time.Minute; expiration <= least || expiration > most {
		t.Errorf("metric_expiration: want more than %v and at most %v, have %v", least, most, expiration)
	}
}
