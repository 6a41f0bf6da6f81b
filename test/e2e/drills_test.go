package e2e

import (
	"fmt"
	"testing"
	"time"
)

// The pace of the drills, as a multiple of that in the shipped files. A collector
// must be able to restart within keep_firing_for divided by it.
const (
	drillSpeedup    = 30
	drillLookback   = "--query.lookback-delta=10s" // 5 minutes
	drillExpiration = "METRIC_EXPIRATION=5s"       // 150 seconds
	drillInterval   = "--otlp.interval=1s"
)

// restartable is a program that can be killed and run again at the same addresses.
type restartable interface {
	kill()
	run(t testing.TB)
}

// drilledExporter keeps its address across restarts.
type drilledExporter struct {
	*process
	address string
	args    []string
}

func newDrilledExporter(t testing.TB, c *cloud, args ...string) *drilledExporter {
	t.Helper()
	address := freeAddress(t)
	e := &drilledExporter{address: address, args: append([]string{"--conf=" + c.conf, "--web.listen-address=" + address}, args...)}
	e.run(t)
	return e
}

// run starts it, or starts it again, and waits until it listens.
func (e *drilledExporter) run(t testing.TB) {
	t.Helper()
	e.process = start(t, nil, exporterBinary, e.args...)
	e.await(t, `msg="Listening on" address=(\S+)`)
}

// drill is one path from the exporter to Prometheus, and what can be killed on it.
type drill struct {
	cloud      *cloud
	prometheus *prometheus
	exporter   restartable
	collector  restartable // nil if there is none
	// exporterGone and collectorGone are the alerts for a killed program.
	exporterGone, collectorGone string
}

// ways returns the four shipped paths.
func ways() map[string]func(t *testing.T, c *cloud) drill {
	return map[string]func(t *testing.T, c *cloud) drill{
		"scraped": func(t *testing.T, c *cloud) drill {
			exporter := newDrilledExporter(t, c, lively)
			config := acceleratedConfig(t, scrapeTheExporter, exporter.address, drillSpeedup)
			return drill{
				prometheus: startPrometheus(t, "prometheus2", config, drillLookback),
				exporter:   exporter, exporterGone: "datahub_exporter_down",
			}
		},
		"by the sidecar": func(t *testing.T, c *cloud) drill {
			collector := startCollector(t, []string{drillExpiration}, sidecarConfig)
			config := acceleratedConfig(t, scrapeTheSidecar, collector.prometheus, drillSpeedup)
			return drill{
				prometheus: startPrometheus(t, "prometheus2", config, drillLookback),
				exporter:   newDrilledExporter(t, c, lively, collector.endpoint(), drillInterval), exporterGone: "datahub_task_absent",
				collector: collector, collectorGone: "datahub_exporter_down",
			}
		},
		"by a collector that scrapes": func(t *testing.T, c *cloud) drill {
			exporter := newDrilledExporter(t, c, lively)
			collector := startCollector(t, []string{"EXPORTER_ADDRESS=" + exporter.address, "SCRAPE_INTERVAL=1s"}, scrapeConfig)
			config := acceleratedConfig(t, scrapeTheCollector, collector.prometheus, drillSpeedup)
			return drill{
				prometheus: startPrometheus(t, "prometheus2", config, drillLookback),
				exporter:   exporter, exporterGone: "datahub_exporter_down",
				collector: collector, collectorGone: "datahub_task_absent",
			}
		},
		"over OTLP": func(t *testing.T, c *cloud) drill {
			prometheus, endpoint := startPrometheusForOTLP(t, drillSpeedup, drillLookback)
			collector := startCollector(t, []string{endpoint, drillExpiration}, sidecarConfig, "deploy/otel-collector/prometheus-otlp.yaml")
			return drill{
				prometheus: prometheus,
				exporter:   newDrilledExporter(t, c, lively, collector.endpoint(), drillInterval), exporterGone: "datahub_task_absent",
				collector: collector, collectorGone: "datahub_task_absent",
			}
		},
	}
}

// A task stays paused. Whatever is killed or restarted on the path, some alert
// fires at every moment.
func TestNoWayToPrometheusIsSilent(t *testing.T) {
	t.Parallel()
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := startCloud(t, task(0), paused(1))
			drill := way(t, cloud)
			drill.cloud = cloud
			drill.check(t)
		})
	}
}

func (d drill) check(t *testing.T) {
	t.Helper()
	const rule = "datahub_task_status"
	d.prometheus.awaitFiring(t, rule, 1)
	begin := time.Now()

	d.restart(t, d.exporter)
	if d.collector != nil {
		d.restart(t, d.collector)
	}
	d.outlast(t, d.exporter, d.exporterGone)
	if d.collector != nil {
		d.outlast(t, d.collector, d.collectorGone)
	}

	// The exporter restarts during an outage, so that it knows nothing.
	d.cloud.refuse()
	d.prometheus.awaitValue(t, `1 - datahub_task_up`, 1)
	d.exporter.kill()
	d.exporter.run(t)
	d.prometheus.awaitFiring(t, "datahub_task_down", 1)
	d.cloud.Always("", "", nil)
	d.prometheus.awaitFiring(t, "datahub_task_down", 0)
	d.prometheus.awaitFiring(t, rule, 1)
	for i, alerts := range d.prometheus.timeline(t, begin, time.Now()) {
		if len(alerts) == 0 {
			t.Errorf("nothing fired %v after the beginning", time.Duration(i)*timelineStep)
		}
	}

	d.cloud.setTasks(task(0), task(1))
	d.prometheus.awaitFiring(t, rule, 0)
}

// restart kills a program and runs it again at once: no alert resolves.
func (d drill) restart(t *testing.T, program restartable) {
	t.Helper()
	const rule = "datahub_task_status"
	before := d.prometheus.awaitFiring(t, rule, 1)[0].ActiveAt
	program.kill()
	program.run(t)
	d.prometheus.awaitValue(t, `datahub_task_up`, 1)
	d.prometheus.awaitValue(t, `datahub_task_status == 6`, 6)
	if after := d.prometheus.awaitFiring(t, rule, 1)[0].ActiveAt; !after.Equal(before) {
		t.Errorf("a restart resolved the alert: active since %v before and %v after", before, after)
	}
}

// outlast kills a program until another alert reports it, and runs it again.
func (d drill) outlast(t *testing.T, program restartable, rule string) {
	t.Helper()
	program.kill()
	eventually(t, func() error {
		firing, err := d.prometheus.firing(t, rule)
		if err != nil || len(firing) == 0 {
			return fmt.Errorf("%s does not fire: %w", rule, orNotYet(err))
		}
		return nil
	})
	program.run(t)
	d.prometheus.awaitFiring(t, rule, 0)
	d.prometheus.awaitFiring(t, "datahub_task_status", 1)
}
