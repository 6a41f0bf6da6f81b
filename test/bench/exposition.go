package main

import (
	"context"
	"errors"
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

// format is a format that a scraper may ask for.
type format struct{ name, accept, encoding string }

var formats = []format{
	{"text", "text/plain", "identity"},
	{"OpenMetrics", "application/openmetrics-text; version=1.0.0", "identity"},
	{"text, gzip", "text/plain", "gzip"},
}

// exposition measures the cost of a response to a scraper, from unchanged snapshots
// and from new ones.
func (b *bench) exposition(ctx context.Context) {
	refreshed := aRefresh(ctx, slices.Max(b.sizes.series))
	for _, series := range b.sizes.series {
		shelf := newShelf(ctx, refreshed, series)
		constants := constantMetrics(ctx, shelf)
		for _, format := range formats {
			ask := func(handler http.Handler) func(context.Context) {
				return func(ctx context.Context) { send(ctx, handler, format) }
			}
			theirs := contender{operate: ask(constants)}
			for _, test := range []struct {
				state   string
				operate func(context.Context)
				share   float64
			}{
				{"unchanged", ask(shelf), 1},
				{"changed", func(ctx context.Context) { shelf.renew(); ask(shelf)(ctx) }, 4},
			} {
				their, our := duel(ctx, b.sizes.turns, theirs, contender{operate: test.operate})
				if series < 2000 {
					test.share = none
				}
				b.table.add(row{
					what: fmt.Sprintf("exposition of %s series, %s, %s, CPU", grouped(series), test.state, format.name), against: "client_golang",
					unit: seconds, theirs: their.cpu, ours: our.cpu, share: test.share,
				})
			}
		}
		check(shelf.Shutdown(ctx))
	}
}

// send makes a handler respond to a scraper that discards the body: collecting a
// response would cost more than sending a cached one.
func send(ctx context.Context, handler http.Handler, format format) {
	sink := &sink{status: http.StatusOK}
	handler.ServeHTTP(sink, request(ctx, format.accept, format.encoding))
	if sink.status != http.StatusOK || sink.bytes == 0 {
		panic(failure{fmt.Errorf("scrape was answered with %d and %d bytes", sink.status, sink.bytes)})
	}
}

// sink is an http.ResponseWriter that only counts bytes.
type sink struct {
	header        http.Header
	status, bytes int
}

func (s *sink) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(part []byte) (int, error) {
	s.bytes += len(part)
	return len(part), nil
}

// aRefresh returns the result of a refresh of that many tasks.
func aRefresh(ctx context.Context, tasks int) *source.Snapshot {
	cloud := startCloud(ctx, fleet{regions: 1, tasks: tasks})
	defer cloud.end()
	exporter := newExporter(cloud, source.MaxQPS)
	defer exporter.close()
	exporter.refresh(ctx)
	return exporter.sources.Last()[0] // the tasks
}

// shelf is an exposition of a snapshot that is served without calling a cloud.
type shelf struct {
	*instrument.Exposition
	all     *source.Snapshot
	items   int
	current *source.Snapshot

	renewals int
}

// newShelf exposes as many of the tasks as it takes for about that many series.
func newShelf(ctx context.Context, all *source.Snapshot, series int) *shelf {
	s := &shelf{all: all}
	s.Exposition = newExposition(s)
	count := func(items int) (series int) {
		s.items = items
		s.renew()
		for _, family := range gather(ctx, s) {
			series += len(family.Metric)
		}
		return series
	}
	few := count(100)
	hundred := count(200) - few
	s.items = max(1, 100+(series-few)*100/hundred)
	s.renew()
	return s
}

// renew installs a new snapshot, as a refresh does. Every item has a different name
// than before, because unchanged series would not be rendered again.
func (s *shelf) renew() {
	s.renewals++
	snapshot, listing := *s.all, *s.all.Listing
	listing.Items = slices.Clone(listing.Items[:min(s.items, len(listing.Items))])
	for i := range listing.Items {
		listing.Items[i].Name += [...]string{"", "-renamed"}[s.renewals%2]
	}
	snapshot.Listing = &listing
	s.current = &snapshot
}

// Snapshots implements instrument.Sources.
func (s *shelf) Snapshots(context.Context, source.Action) []*source.Snapshot {
	return []*source.Snapshot{s.current}
}

// Select implements instrument.Sources.
func (s *shelf) Select(ctx context.Context, action source.Action, _ source.Selection) (selected, all []*source.Snapshot, err error) {
	snapshots := s.Snapshots(ctx, action)
	return snapshots, snapshots, nil
}

func gather(ctx context.Context, handler http.Handler) map[string]*dto.MetricFamily {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return must(parser.TextToMetricFamilies(answer(ctx, handler, "text/plain", "identity").Body))
}

// constantMetrics is the other way to expose what an API returns: a collector that
// makes constant metrics on each scrape. It has the same series as ours.
func constantMetrics(ctx context.Context, ours http.Handler) http.Handler {
	registry := prometheus.NewRegistry()
	check(registry.Register(newConstants(gather(ctx, ours))))
	theirs := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
	const text, plain = "text/plain", "identity"
	if answer(ctx, ours, text, plain).Body.String() != answer(ctx, theirs, text, plain).Body.String() {
		check(errors.New("the collector of constant metrics has not the series of ours"))
	}
	return theirs
}

// constants are series that are known in advance, shuffled, because the API returns
// items in no order.
type constants []constant

type constant struct {
	desc   *prometheus.Desc
	value  float64
	labels []string
}

func newConstants(families map[string]*dto.MetricFamily) constants {
	var all constants
	for name, family := range families {
		descs := map[string]*prometheus.Desc{}
		for _, metric := range family.Metric {
			var names, values []string
			for _, label := range metric.Label {
				names, values = append(names, label.GetName()), append(values, label.GetValue())
			}
			key := strings.Join(names, ",")
			if descs[key] == nil {
				descs[key] = prometheus.NewDesc(name, family.GetHelp(), names, nil)
			}
			all = append(all, constant{descs[key], metric.GetGauge().GetValue(), values})
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
