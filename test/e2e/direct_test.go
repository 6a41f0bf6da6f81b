package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"

	"datahub_exporter/internal/cloudsim"
)

// directly returns the flags to push to a path of an address without a collector.
func directly(address, path string) []string {
	return []string{"--otlp.protocol=http/protobuf", "--otlp.endpoint=http://" + address + path, often, still}
}

// kept returns the documented series that a server has, as an exposition without
// types. Labels that the server adds for the sender are removed and returned with
// their values.
func kept(t testing.TB, address string, takenOff ...model.LabelName) (exposition, map[model.LabelName]model.LabelValue, error) {
	t.Helper()
	const documented = `{__name__=~"(datahub_task|connect_resource)_.+"}`
	body, err := fetch(t.Context(), "http://"+address+"/api/v1/query?"+url.Values{"query": {documented}}.Encode())
	if err != nil {
		return nil, nil, err
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric model.LabelSet
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, nil, fmt.Errorf("decode %s: %w", documented, err)
	}
	held, taken := exposition{}, map[model.LabelName]model.LabelValue{}
	for _, result := range answer.Data.Result {
		name := string(result.Metric[model.MetricNameLabel])
		delete(result.Metric, model.MetricNameLabel)
		for _, label := range takenOff {
			taken[label] = result.Metric[label]
			delete(result.Metric, label)
		}
		if held[name].Series == nil {
			held[name] = family{Series: map[string]float64{}}
		}
		value, err := strconv.ParseFloat(result.Value[1].(string), 64)
		if err != nil {
			return nil, nil, err
		}
		held[name].Series[result.Metric.String()] = value
	}
	return held, taken, nil
}

// untyped returns the part of an exposition that a server keeps.
func untyped(e exposition) exposition {
	shown := exposition{}
	for name, of := range e {
		shown[name] = family{Series: of.Series}
	}
	return shown
}

// requireTheSame waits until a server has exactly what a scrape of the exporter
// shows, with the scrape job's labels, if any: the same names, labels and values.
// It returns the labels that were removed.
func requireTheSame(t *testing.T, e *exporter, jobs map[string]model.LabelSet, address string, takenOff ...model.LabelName) map[model.LabelName]model.LabelValue {
	t.Helper()
	var taken map[model.LabelName]model.LabelValue
	eventually(t, func() error {
		want, err := scrapeAs(t.Context(), jobs, e.address, tasksPath, connectionsPath)
		if err != nil {
			return err
		}
		var have exposition
		have, taken, err = kept(t, address, takenOff...)
		if err != nil {
			return err
		}
		if diff := difference(untyped(want), have); diff != "" {
			return fmt.Errorf("scrape and push differ (-scrape +push):\n%s", shorten(diff))
		}
		return nil
	})
	return taken
}

// A Prometheus 3 that receives pushes keeps what a scrape shows. It adds "job" and
// "instance" for the sender, as a scrape adds them for the target, and one
// target_info for the resource, but no scope labels.
func TestPrometheusThatIsPushedToKeepsWhatAScrapeShows(t *testing.T) {
	t.Parallel()
	for name, tasks := range map[string][]cloudsim.Item{"5 tasks": fleetOf(5), "2500 tasks": fleetOf(2500), "strange names": strange()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prometheus := startReceiver(t, receiveDirectly, speedup)
			args := append(directly(prometheus.address, "/api/v1/otlp/v1/metrics"), "--ckafka.qps=1000")
			exporter := startExporterWith(t, []string{"OTEL_RESOURCE_ATTRIBUTES=service.instance.id=e2e"}, startCloud(t, tasks...), args...)
			added := requireTheSame(t, exporter, nil, prometheus.address, "job", "instance")
			want := map[model.LabelName]model.LabelValue{"job": "datahub_exporter", "instance": "e2e"}
			if diff := cmp.Diff(want, added); diff != "" {
				t.Errorf("labels of who pushes (-want +have):\n%s", diff)
			}
			others, err := prometheus.series(t, `{job="datahub_exporter",__name__!~"(datahub|connect|ckafka|go|process|promhttp)_.+"}`)
			if err != nil || len(others) != 1 || !strings.HasPrefix(others[0], "target_info{") {
				t.Errorf("want target_info beside the exporter's own series, have %v (%v)", others, err)
			}
			if failed := failedPushes(t, exporter); failed > 0 {
				t.Errorf("want no push that failed, have %v", failed)
			}
		})
	}
}

// The rules in the shipped configuration work without a scrape job's name.
func TestAlertInPrometheusThatIsPushedTo(t *testing.T) {
	t.Parallel()
	prometheus := startReceiver(t, receiveDirectly, speedup)
	failed := task(1)
	failed.Status = 9
	startExporter(t, startCloud(t, task(0), failed), directly(prometheus.address, "/api/v1/otlp/v1/metrics")...)
	if have := prometheus.awaitFiring(t, "CKafkaTaskFailed", 1)[0].Labels["TaskId"]; have != failed.ID {
		t.Errorf("want %s, have %s", failed.ID, have)
	}
}

// Without its flag, Prometheus responds with 404, and the exporter's log says what
// to do.
func TestPrometheusWithoutItsReceiver(t *testing.T) {
	t.Parallel()
	config := readYAML(t, receiveDirectly)
	config["global"] = document{"evaluation_interval": evaluationInterval}
	prometheus := startPrometheus(t, "prometheus3", writeConfig(t, config, speedup))
	exporter := startExporter(t, startCloud(t, task(0)), directly(prometheus.address, "/api/v1/otlp/v1/metrics")...)
	line := exporter.await(t, `(msg="OTLP push failed" pushed=tasks .*)`)
	for _, want := range []string{"HTTP status 404", "/api/v1/otlp/v1/metrics", "hint=", "--web.enable-otlp-receiver"} {
		if !strings.Contains(line, want) {
			t.Errorf("want %s, have %s", want, line)
		}
	}
}

// With the shipped relabeling, VictoriaMetrics has the same as from a scrape with
// the shipped jobs, and nothing of the resource, however it spells its attributes.
func TestVictoriaMetricsThatIsPushedToKeepsWhatAScrapeShows(t *testing.T) {
	t.Parallel()
	for _, naming := range []string{"-opentelemetry.usePrometheusNaming=false", "-opentelemetry.usePrometheusNaming=true"} {
		t.Run(naming, func(t *testing.T) {
			t.Parallel()
			address := startVictoriaMetrics(t, naming, "-relabelConfig="+shipped(t, "deploy/victoriametrics/relabel-otlp.yml"))
			exporter := startExporter(t, startCloud(t, strange()...), directly(address, "/opentelemetry/v1/metrics")...)
			requireTheSame(t, exporter, jobs(), address)
			if failed := failedPushes(t, exporter); failed > 0 {
				t.Errorf("want no push that failed, have %v", failed)
			}
		})
	}
}

// Without the relabeling, each resource attribute becomes a label next to the
// documented ones.
func TestVictoriaMetricsByItself(t *testing.T) {
	t.Parallel()
	address := startVictoriaMetrics(t)
	exporter := startExporter(t, startCloud(t, fleetOf(5)...), directly(address, "/opentelemetry/v1/metrics")...)
	attributes := []model.LabelName{
		"service.name", "service.version", "service.instance.id", "host.name", "cloud.provider",
		"telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version",
	}
	added := requireTheSame(t, exporter, nil, address, slices.Clone(attributes)...)
	for _, attribute := range attributes {
		if added[attribute] == "" {
			t.Errorf("want a label %s, have none: docs/metrics.md says so", attribute)
		}
	}
}
