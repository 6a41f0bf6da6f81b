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

// pusher is the exporter of one provider. It counts, dates and logs the result of
// each push.
type pusher struct {
	sdkmetric.Exporter
	used     *connections
	timeout  time.Duration // of one push with its retries
	pushed   string
	reader   *sdkmetric.PeriodicReader
	failures *logging.RepeatLimiter
	warnings *logging.RepeatLimiter
	redactor secret.Redactor
	protocol string
	first    sync.WaitGroup // the first push, made by start

	succeeded, failed atomic.Int64
	lastSuccess       atomic.Pointer[time.Time]
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
		if err != nil {
			p.warnings.Failed(redacted{err, p.redactor})
		}
		p.succeeded.Add(1)
		p.lastSuccess.Store(new(time.Now()))
		p.failures.Succeeded("OTLP push succeeds again")
	case errors.Is(ctx.Err(), context.Canceled): // cut off by Shutdown, which pushes once more
	default:
		p.failed.Add(1)
		var advice []any
		if hint := hintFor(p.protocol, err); hint != "" {
			advice = []any{"hint", hint}
		}
		if peer := p.used.peer(); peer != "" {
			advice = append(advice, "address", peer)
		}
		p.failures.Failed(redacted{err, p.redactor}, advice...)
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
			pusher.observe(observer, pushes, last)
		}
		return nil
	}, pushes, last)
	return errors.Join(errPushes, errLast, err)
}

func (p *pusher) observe(observer metric.Observer, pushes metric.Int64Observable, last metric.Float64Observable) {
	pushed := attribute.String("pushed", p.pushed)
	observer.ObserveInt64(pushes, p.succeeded.Load(), metric.WithAttributes(pushed, attribute.String("result", "success")))
	observer.ObserveInt64(pushes, p.failed.Load(), metric.WithAttributes(pushed, attribute.String("result", "failure")))
	var seconds float64 // 0 before the first
	if success := *p.lastSuccess.Load(); !success.IsZero() {
		seconds = float64(success.UnixMilli()) / 1000
	}
	observer.ObserveFloat64(last, seconds, metric.WithAttributes(pushed))
}
