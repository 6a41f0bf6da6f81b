package push

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

	"datahub_exporter/errorlog"
	"datahub_exporter/secret"
)

// pusher is the exporter of one provider. It counts, dates and logs what comes of
// each push.
type pusher struct {
	sdkmetric.Exporter
	cut      context.CancelFunc // closes the connection
	pushed   string
	reader   *sdkmetric.PeriodicReader
	failures *errorlog.Kind
	hide     secret.Redactor
	hint     func(error) string
	first    sync.WaitGroup // the push that start began

	succeeded, failed atomic.Int64
	lastSuccess       atomic.Pointer[time.Time]
}

// start pushes at once; the next push comes after the interval.
func (p *pusher) start() {
	p.first.Go(func() {
		// An end of the reader is no failure; it pushes once more by itself.
		if err := p.reader.ForceFlush(context.Background()); err != nil && !errors.Is(err, sdkmetric.ErrReaderShutdown) {
			otel.Handle(err)
		}
	})
}

// Shutdown ends the exporter. Its reader has ended, and with it the first push. By
// itself it takes no time, so that ctx, which the last push may have used up, is no
// failure of it; but gRPC says goodbye first, which waits for seconds where a
// collector reads nothing. So when ctx ends the connection is cut.
func (p *pusher) Shutdown(ctx context.Context) error {
	p.first.Wait()
	defer p.cut()
	defer context.AfterFunc(ctx, p.cut)()
	return p.Exporter.Shutdown(context.WithoutCancel(ctx))
}

// Export pushes. It returns nil: what failed is told of here, and a reader would
// only hand it to the SDK's global handler, which does not know whose it is.
func (p *pusher) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	err := p.Exporter.Export(ctx, metrics)
	switch {
	case err == nil:
		p.succeeded.Add(1)
		p.lastSuccess.Store(new(time.Now()))
		p.failures.Succeeded("OTLP push succeeds again")
	case errors.Is(ctx.Err(), context.Canceled): // broken off by Shutdown, which pushes once more
	default:
		p.failed.Add(1)
		p.failures.Failed(redacted{err, p.hide}, p.advice(err)...)
	}
	return nil
}

// advice returns what the log says beside the error, or nothing.
func (p *pusher) advice(err error) []any {
	if hint := p.hint(err); hint != "" {
		return []any{"hint", hint}
	}
	return nil
}

// redacted is an error whose text repeats no secret of ours.
type redacted struct {
	error
	hide secret.Redactor
}

// Error returns the text, made only if it is logged.
func (e redacted) Error() string { return e.hide.Redact(e.error.Error()) }

// Observe creates the instruments that tell of the pushes, or none if p is nil.
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
