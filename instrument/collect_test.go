package instrument

import (
	"datahub_exporter/source"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// opened returns a family with an exporter.
func opened(t *testing.T) *family {
	t.Helper()
	f := newFamily(source.TaskKind(), gauges(source.TaskKind())[0])
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// A family is collected as a registry would gather it.
func TestFamiliesAreCollectedAsByARegistry(t *testing.T) {
	f := opened(t)
	var some []series
	for i := range 200 {
		set := attribute.NewSet(
			attribute.String("TaskId", fmt.Sprint("task-", rand.IntN(50))), attribute.String("TaskName", strconv.Itoa(i)),
			attribute.String("region", []string{"ap-guangzhou", "ap-beijing", ""}[rand.IntN(3)]))
		some = append(some, series{float64(i), metric.WithAttributeSet(set)})
	}
	have, err := f.collect(some)
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(f.exporter.Collector); err != nil {
		t.Fatal(err)
	}
	f.collected = some
	gathered, err := registry.Gather()
	if err != nil || len(gathered) != 1 {
		t.Fatalf("want one family, have %d, %v", len(gathered), err)
	}
	text := func(metrics []*dto.Metric) (lines []string) {
		for _, metric := range metrics {
			lines = append(lines, metric.String())
		}
		return lines
	}
	if diff := cmp.Diff(text(gathered[0].GetMetric()), text(have)); diff != "" {
		t.Errorf("(-registry +have):\n%s", diff)
	}
}

// panics is a collector that panics.
type panics struct{ prometheus.Collector }

func (panics) Collect(chan<- prometheus.Metric) { panic("planted") }

// A panic of the exporter is an error of the scrape and not the end of the process.
func TestAPanicOfTheExporterIsAnError(t *testing.T) {
	f := opened(t)
	f.exporter.Collector = panics{}
	if _, err := f.collect([]series{{1, metric.WithAttributeSet(attribute.NewSet())}}); err == nil || !strings.Contains(err.Error(), "planted") {
		t.Errorf("want the panic, have %v", err)
	}
}

// What the exporter does not take, such as a label that is not UTF-8, is an error.
func TestWhatTheExporterRefusesIsAnError(t *testing.T) {
	set := attribute.NewSet(attribute.String("TaskId", "\xff"))
	if _, err := opened(t).collect([]series{{1, metric.WithAttributeSet(set)}}); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("want an error about UTF-8, have %v", err)
	}
}
