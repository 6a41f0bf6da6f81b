package otlp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"datahub_exporter/internal/logging"
	"datahub_exporter/internal/secret"
)

// pusher is the exporter of one provider.
type pusher struct {
	sdkmetric.Exporter
	*results
	timeout time.Duration // of one push with its retries
	reader  *sdkmetric.PeriodicReader
	first   sync.WaitGroup // the first push, made by start
}

// results counts, dates and logs the result of each push.
type results struct {
	pushed   string
	failures *logging.RepeatLimiter
	warnings *logging.RepeatLimiter
	redactor secret.Redactor
	protocol string
	used     *connections

	succeeded, failed atomic.Int64
	lastSuccess       atomic.Pointer[time.Time]
}

func (p *Push) newResults(pushed string, used *connections) *results {
	made := &results{
		pushed:   pushed,
		failures: logging.NewRepeatLimiter(p.log.With("pushed", pushed), "OTLP push failed"),
		warnings: logging.NewRepeatLimiter(p.log.With("pushed", pushed), "OTLP receiver warns"),
		redactor: p.redactor,
		protocol: p.settings.Protocol,
		used:     used,
	}
	made.lastSuccess.Store(&time.Time{})
	return made
}

// success records a push that succeeded, perhaps with a warning.
func (r *results) success(warning error) {
	if warning != nil {
		r.warnings.Failed(redacted{warning, r.redactor})
	}
	r.succeeded.Add(1)
	r.lastSuccess.Store(new(time.Now()))
	r.failures.Succeeded("OTLP push succeeds again")
}

// failure records a push that failed.
func (r *results) failure(err error) {
	r.failed.Add(1)
	var advice []any
	if hint := hintFor(r.protocol, err); hint != "" {
		advice = []any{"hint", hint}
	}
	if peer := r.used.peer(); peer != "" {
		advice = append(advice, "address", peer)
	}
	r.failures.Failed(redacted{err, r.redactor}, advice...)
}

// start pushes at once; the next push comes after the interval.
func (p *pusher) start() {
	p.first.Go(func() {
		// A shutdown of the reader is no failure; it pushes once more by itself.
		if err := p.reader.ForceFlush(context.Background()); err != nil && !errors.Is(err, sdkmetric.ErrReaderShutdown) {
			otel.Handle(err)
		}
	})
}

// Shutdown shuts the exporter down, after the first push. It does not fail because
// the last push has used up ctx: the exporter's own Shutdown is instant, but gRPC
// flushes a GOAWAY and can block for seconds on a stalled peer. That is not waited
// for once ctx has ended.
func (p *pusher) Shutdown(ctx context.Context) error {
	p.first.Wait() // its reader has ended, and with it the first push
	done := make(chan error, 1)
	go func() { done <- p.Exporter.Shutdown(context.WithoutCancel(ctx)) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return nil
	}
}

// Export pushes. It returns nil: failures are logged here, and a reader would only
// hand an error to the SDK's global handler, which does not know whose it is.
func (p *pusher) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	limited, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	err := p.Exporter.Export(limited, metrics)
	p.used.closeOlder(p.used.maxAge)
	switch {
	case err == nil, isWarning(err):
		p.success(err)
	case errors.Is(ctx.Err(), context.Canceled): // cut off by Shutdown, which pushes once more
	default:
		p.failure(err)
	}
	return nil
}

// Observe creates the instruments for the pushes, or none if p is nil.
func (p *Push) Observe(meter metric.Meter) error {
	if p == nil {
		return nil
	}
	pushes, errPushes := meter.Int64ObservableCounter("datahub_exporter_otlp_pushes_total",
		metric.WithDescription("OTLP pushes by what was pushed and their result."))
	last, errLast := meter.Float64ObservableGauge("datahub_exporter_otlp_last_success_timestamp_seconds",
		metric.WithDescription("Unix time of the last OTLP push that succeeded, by what was pushed; 0 before the first."))
	_, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, pusher := range p.pushers {
			pusher.observe(observer, pushes)
			var seconds float64 // 0 before the first
			if success := *pusher.lastSuccess.Load(); !success.IsZero() {
				seconds = float64(success.UnixMilli()) / 1000
			}
			observer.ObserveFloat64(last, seconds, metric.WithAttributes(attribute.String("pushed", pusher.pushed)))
		}
		if p.logs != nil {
			p.logs.observe(observer, pushes)
		}
		return nil
	}, pushes, last)
	if !p.settings.Logs {
		return errors.Join(errPushes, errLast, err)
	}
	_, errDropped := meter.Int64ObservableCounter("datahub_exporter_otlp_dropped_log_records_total",
		metric.WithDescription("Log records that were not pushed over OTLP because too many waited or the receiver refused them."),
		metric.WithInt64Callback(func(_ context.Context, observer metric.Int64Observer) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.logs != nil {
				observer.Observe(p.logs.dropped.Load())
			}
			return nil
		}))
	return errors.Join(errPushes, errLast, err, errDropped)
}

func (r *results) observe(observer metric.Observer, pushes metric.Int64Observable) {
	pushed := attribute.String("pushed", r.pushed)
	observer.ObserveInt64(pushes, r.succeeded.Load(), metric.WithAttributes(pushed, attribute.String("result", "success")))
	observer.ObserveInt64(pushes, r.failed.Load(), metric.WithAttributes(pushed, attribute.String("result", "failure")))
}
