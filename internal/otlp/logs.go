package otlp

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"datahub_exporter/internal/logging"
)

// maxWaiting is how many log records wait at most, those that are being pushed
// included. It is the default of the SDK's queue.
const maxWaiting = 2048

// errFull is why log records are dropped that no push has refused.
var errFull = fmt.Errorf("%d records are waiting to be pushed", maxWaiting)

// Logs pushes log records in the background, each once: a push that fails is repeated
// until the receiver takes or refuses it. A nil Logs pushes nothing.
type Logs struct {
	*results
	exporter  sdklog.Exporter
	timeout   time.Duration          // of one push with its retries
	processor *sdklog.BatchProcessor // calls the exporter
	logger    log.Logger
	drops     *logging.RepeatLimiter

	waiting, dropped atomic.Int64 // records
	stopping         atomic.Bool
	ended            context.Context // ends what is in flight
	end              context.CancelFunc
}

// Logs returns what pushes log records, nil if they are not asked for. The word pushed is
// as for Provider, the scope names who emits them. It must be called once; the caller must
// call Shutdown.
func (p *Push) Logs(pushed, scope string) (*Logs, error) {
	if p == nil || !p.settings.Logs {
		return nil, nil
	}
	used := p.connections()
	exporter, err := p.logExporter(used)
	if err != nil {
		return nil, fmt.Errorf("create OTLP exporter: %w", err)
	}
	l := &Logs{
		exporter: exporter,
		results:  p.newResults(pushed, used),
		timeout:  p.settings.Timeout,
		drops:    logging.NewRepeatLimiter(p.log.With("pushed", pushed), "Log records are lost"),
	}
	l.ended, l.end = context.WithCancel(context.Background())
	l.processor = sdklog.NewBatchProcessor(persistent{exporter, l}, sdklog.WithMaxQueueSize(maxWaiting))
	l.logger = sdklog.NewLoggerProvider(sdklog.WithResource(p.resource), sdklog.WithProcessor(l.processor)).Logger(scope)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.logs = l
	return l, nil
}

// Emit queues a record, or drops it if too many wait. It does not block. The SDK's own queue,
// which is as long, is never full, so that what is dropped is counted here.
func (l *Logs) Emit(record log.Record) {
	if l == nil {
		return
	}
	if l.waiting.Add(1) > maxWaiting {
		l.waiting.Add(-1)
		l.drop(1, errFull)
		return
	}
	l.logger.Emit(context.Background(), record)
}

func (l *Logs) drop(records int, why error) {
	l.dropped.Add(int64(records))
	l.drops.Failed(why, "records", records)
}

// persistent is the exporter of Logs.
type persistent struct {
	sdklog.Exporter
	logs *Logs
}

// Export pushes until the receiver takes or refuses the records, or Logs.Shutdown ends it.
// Meanwhile others wait in the queue. It is not limited by its context, which has the
// time limit of one push.
func (p persistent) Export(_ context.Context, records []sdklog.Record) error {
	l := p.logs
	defer func() { l.waiting.Add(-int64(len(records))) }()
	for {
		again, err := l.push(records)
		switch {
		case err == nil, l.ended.Err() != nil: // Shutdown has counted them
			return nil
		case !again, l.stopping.Load():
			l.drop(len(records), redacted{err, l.redactor})
			return nil
		}
	}
}

// push pushes once, with retries, and reports whether another push may succeed: the
// exporter itself tries again, for as long as it may, what may be transient.
func (l *Logs) push(records []sdklog.Record) (again bool, err error) {
	limited, cancel := context.WithTimeout(l.ended, l.timeout)
	defer cancel()
	err = l.exporter.Export(limited, records)
	l.used.closeOlder(l.used.maxAge)
	if err == nil || isWarning(err) {
		l.success(err)
		return false, nil
	}
	l.failure(err)
	return limited.Err() != nil, err
}

// Shutdown pushes what waits, and drops what it cannot push before ctx ends.
func (l *Logs) Shutdown(ctx context.Context) error {
	if l == nil {
		return nil
	}
	defer l.end()
	l.stopping.Store(true)
	err := l.processor.Shutdown(ctx)
	if ctx.Err() == nil {
		return err
	}
	if lost := l.waiting.Load(); lost > 0 {
		l.drop(int(lost), errors.New("the exporter ends before they could be pushed"))
	}
	return nil
}

func (p *Push) logExporter(used *connections) (sdklog.Exporter, error) {
	retry := p.retry()
	retry.MaxElapsedTime = 0 // as long as the context
	if p.settings.Protocol == HTTP {
		return p.logsOverHTTP(used, otlploghttp.RetryConfig(retry))
	}
	return p.logsOverGRPC(used, otlploggrpc.RetryConfig(retry))
}

func (p *Push) logsOverGRPC(used *connections, retry otlploggrpc.RetryConfig) (sdklog.Exporter, error) {
	options := []otlploggrpc.Option{
		otlploggrpc.WithEndpoint(p.settings.target()),
		otlploggrpc.WithTLSCredentials(p.credentials()),
		otlploggrpc.WithHeaders(p.headers()),
		otlploggrpc.WithTimeout(p.settings.Timeout),
		otlploggrpc.WithRetry(retry),
		otlploggrpc.WithDialOption(p.dialOptions(used)...),
	}
	if p.settings.Compression == "gzip" {
		options = append(options, otlploggrpc.WithCompressor("gzip"))
	}
	return otlploggrpc.New(context.Background(), options...)
}

func (p *Push) logsOverHTTP(used *connections, retry otlploghttp.RetryConfig) (sdklog.Exporter, error) {
	options := []otlploghttp.Option{
		otlploghttp.WithEndpointURL(p.settings.Endpoint.Scheme + "://" + p.settings.Endpoint.Host + logsPath),
		otlploghttp.WithHTTPClient(p.client(used)),
		otlploghttp.WithTLSClientConfig(nil), // the transport has it
		otlploghttp.WithHeaders(p.headers()),
		otlploghttp.WithMaxResponseSize(maxResponse),
		otlploghttp.WithRetry(retry),
	}
	switch p.settings.Compression {
	case "gzip":
		options = append(options, otlploghttp.WithCompression(otlploghttp.GzipCompression))
	case "none": // whatever a variable says
		options = append(options, otlploghttp.WithCompression(otlploghttp.NoCompression))
	}
	return otlploghttp.New(context.Background(), options...)
}
