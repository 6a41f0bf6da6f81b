package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"datahub_exporter/instrument"
	"datahub_exporter/source"
)

// formats are what a scraper may ask for.
var formats = []struct{ name, accept, encoding string }{
	{"text", "text/plain", "identity"},
	{"OpenMetrics", "application/openmetrics-text; version=1.0.0", "identity"},
	{"text, gzip", "text/plain", "gzip"},
}

// exposition measures what it takes to answer a scraper, from known snapshots and
// from new ones.
func (b *bench) exposition(ctx context.Context) error {
	most := slices.Max(b.sizes.series)
	listed, err := aRefresh(ctx, most)
	if err != nil {
		return err
	}
	for _, series := range b.sizes.series {
		shelf := &shelf{all: listed}
		if err := shelf.cut(ctx, series); err != nil {
			return err
		}
		theirs, err := constantMetrics(ctx, shelf.Exposition)
		if err != nil {
			return err
		}
		for _, format := range formats {
			known := contender{gogc: exporterGOGC, operate: asking(shelf, format.accept, format.encoding)}
			renewed := contender{gogc: exporterGOGC, operate: func(ctx context.Context) error {
				shelf.renew()
				return known.operate(ctx)
			}}
			plain := contender{operate: asking(theirs, format.accept, format.encoding)}
			for _, test := range []struct {
				state string
				ours  contender
				most  float64
			}{{"unchanged", known, 0.3}, {"changed", renewed, 3}} {
				row := row{what: fmt.Sprintf("exposition of %d series, %s, %s, CPU", series, test.state, format.name), against: "client_golang", unit: seconds}
				if series >= 2000 {
					row.most, row.share = test.most, true
				}
				their, our, err := duel(ctx, b.sizes.turns, plain, test.ours)
				if err != nil {
					return err
				}
				row.theirs, row.ours = their.cpu, our.cpu
				b.table.add(row)
			}
		}
		_ = shelf.Shutdown(ctx)
	}
	return nil
}

func asking(handler http.Handler, accept, encoding string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := answer(ctx, handler, accept, encoding)
		return err
	}
}

// aRefresh returns what a refresh of so many tasks brings.
func aRefresh(ctx context.Context, tasks int) (*source.Snapshot, error) {
	cloud, err := startCloud(ctx, fleet{regions: 1, tasks: tasks})
	if err != nil {
		return nil, err
	}
	defer cloud.end()
	exporter, err := newExporter(cloud)
	if err != nil {
		return nil, err
	}
	defer exporter.close()
	if err := exporter.refresh(ctx); err != nil {
		return nil, err
	}
	return exporter.sources.Last(source.Tasks)[0], nil
}

// shelf is an exposition of a snapshot that no cloud is asked for.
type shelf struct {
	*instrument.Exposition
	all     *source.Snapshot
	items   int
	current *source.Snapshot
}

// cut exposes as many of the tasks as have so many series.
func (s *shelf) cut(ctx context.Context, series int) (err error) {
	if s.Exposition, err = newExposition(s); err != nil {
		return err
	}
	var counted []int
	for _, items := range []int{100, 200} {
		s.items = items
		s.renew()
		families, err := gather(ctx, s.Exposition)
		if err != nil {
			return err
		}
		count := 0
		for _, family := range families {
			count += len(family.Metric)
		}
		counted = append(counted, count)
	}
	hundred := counted[1] - counted[0]
	s.items = max(1, (series-counted[0]+hundred)*100/hundred)
	s.renew()
	return nil
}

// renew puts a new snapshot of the same items there, as a refresh does.
func (s *shelf) renew() {
	snapshot, listing := *s.all, *s.all.Listing
	listing.Items = slices.Clone(listing.Items[:min(s.items, len(listing.Items))])
	snapshot.Listing = &listing
	s.current = &snapshot
}

// Snapshots implements instrument.Sources.
func (s *shelf) Snapshots(context.Context, source.Action) []*source.Snapshot {
	return []*source.Snapshot{s.current}
}

func gather(ctx context.Context, handler http.Handler) (map[string]*dto.MetricFamily, error) {
	exposed, err := answer(ctx, handler, "text/plain", "identity")
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(strings.NewReader(exposed.Body.String()))
}

// constantMetrics is the other way to expose what an API says: a collector that
// makes constant metrics of it at each scrape, in the order of the API, which is
// none. It has the series of ours.
func constantMetrics(ctx context.Context, ours http.Handler) (http.Handler, error) {
	families, err := gather(ctx, ours)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(newConstants(families)); err != nil {
		return nil, err
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}), nil
}

// constants are series that are known.
type constants []constant

type constant struct {
	desc   *prometheus.Desc
	value  float64
	labels []string
}

func newConstants(families map[string]*dto.MetricFamily) constants {
	var all constants
	for name, family := range families {
		var names []string
		for _, label := range family.Metric[0].Label {
			names = append(names, label.GetName())
		}
		desc := prometheus.NewDesc(name, family.GetHelp(), names, nil)
		for _, metric := range family.Metric {
			constant := constant{desc: desc, value: metric.GetGauge().GetValue()}
			for _, label := range metric.Label {
				constant.labels = append(constant.labels, label.GetValue())
			}
			all = append(all, constant)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// Describe implements prometheus.Collector.
func (c constants) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c constants) Collect(metrics chan<- prometheus.Metric) {
	for _, constant := range c {
		metrics <- prometheus.MustNewConstMetric(constant.desc, prometheus.GaugeValue, constant.value, constant.labels...)
	}
}
