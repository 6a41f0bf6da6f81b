package instrument

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"datahub_exporter/source"
)

// Self exposes the exporter's own health: its calls to the API, its build, the Go
// runtime and the process.
type Self struct {
	provider *sdkmetric.MeterProvider
	handler  http.Handler
	codes    codes
	watched  atomic.Pointer[watched]

	requests        metric.Int64Counter
	requestDuration metric.Float64Histogram
	refreshes       metric.Int64Counter
	refreshDuration metric.Float64Histogram
	reloaded        metric.Float64Gauge
	reloadTime      metric.Float64Gauge
}

// NewSelf creates the instruments, which may be pushed as well. The caller must call
// Shutdown.
func NewSelf(options Options) (*Self, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		versioncollector.NewCollector(scopeName),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	reader, err := newReader(registry)
	if err != nil {
		return nil, fmt.Errorf("create reader for /metrics: %w", err)
	}
	provider, err := options.push("exporter")
	if err != nil {
		return nil, err
	}
	// Not in OpenMetrics, in which the collector of the Go runtime is not valid: its gauge
	// go_memstats_alloc_bytes and its counter of the same name are one family.
	self := &Self{
		provider: newProvider(append(provider, sdkmetric.WithReader(reader))...),
	}
	self.watched.Store(&watched{})
	self.handler = promhttp.HandlerFor(self.gatherer(registry), promhttp.HandlerOpts{Registry: registry, ErrorLog: options.ErrorLog})
	if err := self.create(self.Meter()); err != nil {
		return nil, fmt.Errorf("create instruments for /metrics: %w", err)
	}
	self.Reloaded(true)
	return self, nil
}

// Meter returns the meter for what else is exposed on /metrics.
func (s *Self) Meter() metric.Meter { return s.provider.Meter(scopeName) }

func (s *Self) create(meter metric.Meter) error {
	// In seconds: from a call within the region to the default of --ckafka.timeout.
	buckets := metric.WithExplicitBucketBoundaries(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
	var failures [6]error
	s.requests, failures[0] = meter.Int64Counter("ckafka_api_requests_total",
		metric.WithDescription("Calls to the CKafka API, retries included, and those for a credential, by the code of the answer."))
	s.requestDuration, failures[1] = meter.Float64Histogram("ckafka_api_request_duration_seconds",
		metric.WithDescription("Duration of one call to the CKafka API, or for a credential."), buckets)
	s.refreshes, failures[2] = meter.Int64Counter("ckafka_refreshes_total",
		metric.WithDescription("Refreshes by their result: success, or the class of the failure."))
	s.refreshDuration, failures[3] = meter.Float64Histogram("ckafka_refresh_duration_seconds",
		metric.WithDescription("Duration of one refresh: all pages and retries."), buckets)
	s.reloaded, failures[4] = meter.Float64Gauge("datahub_exporter_config_last_reload_successful",
		metric.WithDescription("Whether the last attempt to read the configuration succeeded."))
	s.reloadTime, failures[5] = meter.Float64Gauge("datahub_exporter_config_last_reload_success_timestamp_seconds",
		metric.WithDescription("Unix time of the last successful attempt to read the configuration."))
	return errors.Join(failures[:]...)
}

// SetTargets sets what is watched from now on: the series of other targets leave
// /metrics. It must be called before the first call to the API.
func (s *Self) SetTargets(listers []source.Lister) { s.watched.Store(newWatched(listers)) }

// Reloaded records whether the configuration was read again or refused.
func (s *Self) Reloaded(successful bool) {
	s.reloaded.Record(context.Background(), boolToFloat(successful))
	if successful {
		s.reloadTime.Record(context.Background(), unixSeconds(time.Now()))
	}
}

// Call counts a call to the API.
func (s *Self) Call(report source.CallReport) {
	labels := s.labelsOf(report.Target)
	s.requestDuration.Record(context.Background(), report.Duration.Seconds(), metric.WithAttributes(labels...))
	labels = append(labels, attribute.String("code", s.codes.label(report.Code)))
	s.requests.Add(context.Background(), 1, metric.WithAttributes(labels...))
}

// Refresh counts a refresh.
func (s *Self) Refresh(report source.RefreshReport) {
	labels := s.labelsOf(report.Target)
	s.refreshDuration.Record(context.Background(), report.Duration.Seconds(), metric.WithAttributes(labels...))
	result := "success"
	if report.Class != "" {
		result = string(report.Class)
	}
	labels = append(labels, attribute.String("result", result))
	s.refreshes.Add(context.Background(), 1, metric.WithAttributes(labels...))
}

func (s *Self) labelsOf(target source.Target) []attribute.KeyValue {
	return append(targetLabels(target, s.watched.Load().multiAccount), attribute.String("action", string(target.Action)))
}

// ServeHTTP answers a scrape.
func (s *Self) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handler.ServeHTTP(w, r)
}

// Shutdown pushes once more, if it pushes, and shuts down the provider and its
// readers.
func (s *Self) Shutdown(ctx context.Context) error {
	return s.provider.Shutdown(ctx)
}
