package otlp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"datahub_exporter/internal/secret"
)

// The specification's default times.
const (
	defaultInterval = time.Minute
	defaultTimeout  = 10 * time.Second
	// collectTimeout is added to the timeout of a push for the collection before
	// it: by default, both together take 30 s.
	collectTimeout = 20 * time.Second
)

// Settings are all settings of a push.
type Settings struct {
	// Protocol is GRPC or HTTP.
	Protocol string
	// Target is the collector in gRPC's form, or its host over HTTP, and Secure is
	// whether to use TLS.
	Target string
	Secure bool
	// Path is the path of the push over HTTP.
	Path string
	// Proxy is the proxy on the way to the collector; nil is none.
	Proxy *url.URL
	// Interval is the time between two pushes. Timeout bounds one push including
	// its retries, and ReaderTimeout a push including the collection before it.
	Interval, Timeout, ReaderTimeout time.Duration
	// Headers are sent with each push.
	Headers map[string]secret.Value
	// Authority holds the certificates to trust instead of the system's;
	// Certificate and Key are the exporter's own. Each is zero if it is not given.
	Authority, Certificate, Key File
	// Compression is "gzip" or "none".
	Compression string
	// Warnings are lines for the log, about variables that are ignored.
	Warnings []string
}

// File is a file, and the key or variable that names it.
type File struct{ Name, Path string }

// Resolve returns the settings of a push, from the flags, then the file, then the
// standard variables, or nil if none of them asks for one. A variable is checked
// only where it counts, An
// error names the flag, the key or the variable.
func Resolve(_ context.Context, flags Flags, file *Options, getenv func(string) string) (*Settings, error) {
	env := environment(getenv)
	wanted, forbidden, err := env.wants()
	if err != nil || forbidden {
		return nil, err
	}
	given, err := flags.over(file)
	if err != nil {
		return nil, err
	}
	switch asked := given.Endpoint.Host != "" || wanted; {
	case !asked && (file != nil || flags.Interval > 0 || flags.Protocol != ""):
		return nil, errors.New("push over OTLP: no endpoint configured; write endpoint into section [otlp], or name it with --otlp.endpoint")
	case !asked:
		return nil, nil
	}
	resolving := resolution{given: given, env: env}
	if err := resolving.run(); err != nil {
		return nil, err
	}
	return &resolving.settings, nil
}

// over returns what the flags say, completed by the file, which may be nil.
func (f Flags) over(file *Options) (Options, error) {
	var given Options
	if file != nil {
		given = *file
	}
	given.Interval = cmp.Or(f.Interval, given.Interval)
	given.Protocol = cmp.Or(f.Protocol, given.Protocol)
	if f.Endpoint == "" {
		return given, nil
	}
	var err error
	if given.Endpoint, err = ParseEndpoint(f.Endpoint); err != nil {
		return Options{}, fmt.Errorf("read --otlp.endpoint: %w", err)
	}
	return given, nil
}

// resolution completes the settings.
type resolution struct {
	given    Options // by flags and file
	env      environment
	settings Settings
}

// run takes the steps in order: endpoint needs protocol, and proxy and tls need
// both.
func (r *resolution) run() error {
	for _, step := range []func() error{r.protocol, r.endpoint, r.proxy, r.tls, r.headers, r.times, r.compression, r.others} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolution) headers() (err error) {
	if r.settings.Headers = r.given.Headers; len(r.settings.Headers) > 0 {
		return nil
	}
	r.settings.Headers, err = read(r.env.exporter("HEADERS"), parseEncodedHeaders)
	return err
}

func (r *resolution) compression() (err error) {
	if r.settings.Compression = r.given.Compression; r.settings.Compression != "" {
		return nil
	}
	r.settings.Compression, err = read(r.env.exporter("COMPRESSION"), oneOf("gzip", "none"))
	r.settings.Compression = cmp.Or(r.settings.Compression, "none")
	return err
}

func (r *resolution) times() error {
	interval, timeout, readerTimeout := r.given.Interval, r.given.Timeout, time.Duration(0)
	var failures [3]error
	if interval == 0 {
		interval, failures[0] = read(r.env.get("OTEL_METRIC_EXPORT_INTERVAL"), parseMilliseconds)
	}
	if timeout == 0 {
		timeout, failures[1] = read(r.env.exporter("TIMEOUT"), parseMilliseconds)
		readerTimeout, failures[2] = read(r.env.get("OTEL_METRIC_EXPORT_TIMEOUT"), parseMilliseconds)
	}
	r.settings.Interval, r.settings.Timeout = cmp.Or(interval, defaultInterval), cmp.Or(timeout, defaultTimeout)
	r.settings.ReaderTimeout = cmp.Or(readerTimeout, r.settings.Timeout+collectTimeout)
	return cmp.Or(failures[:]...)
}

// others checks the variables that the SDK reads by itself: the SDK would ignore a
// value that it does not know.
func (r *resolution) others() error {
	_, temporality := read(r.env.get(exporterPrefix+"METRICS_TEMPORALITY_PREFERENCE"), oneOf("cumulative", "delta", "lowmemory"))
	_, aggregation := read(r.env.get(exporterPrefix+"METRICS_DEFAULT_HISTOGRAM_AGGREGATION"),
		oneOf("explicit_bucket_histogram", "base2_exponential_bucket_histogram"))
	return cmp.Or(temporality, aggregation)
}

func (r *resolution) warnf(format string, args ...any) {
	r.settings.Warnings = append(r.settings.Warnings, fmt.Sprintf(format, args...))
}
